import type { Role } from "@foyer/contracts/shared/permissions";
import type { Id, OrganizationId, UserId } from "@foyer/kernel/ids";

/** A tenant, as one of its members sees it. */
export interface Organization {
  readonly id: OrganizationId;
  readonly name: string;
  readonly slug: string;
  /** The role of whoever asks. */
  readonly role: Role;
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What tells two states of an organization apart, as one member sees it: their role is a part of that. */
export function organizationVersion(organization: Pick<Organization, "version" | "role">): string {
  return `${organization.version}.${organization.role}`;
}

/** A person in an organization. */
export interface Member {
  readonly id: Id<"membership">;
  readonly userId: UserId;
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly createdAtMs: number;
}
