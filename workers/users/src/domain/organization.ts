import { grantableRoles, type Role } from "@foyer/contracts/shared/permissions";
import type { Id, OrganizationId, UserId } from "@foyer/kernel/ids";

/** What an organization says of itself. */
export interface OrganizationProfile {
  readonly name: string;
  readonly slug: string;
  readonly description: string;
  readonly website: string | null;
  readonly contactEmail: string | null;
}

/** A tenant, as whoever asks may see it. */
export interface Organization extends OrganizationProfile {
  readonly id: OrganizationId;
  /** When its owner asked to close it. */
  readonly closingAtMs: number | null;
  /** The role of whoever asks; null for a program, which has scopes. */
  readonly role: Role | null;
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What may be changed; absent members stay as they are. */
export type OrganizationChange = { readonly [K in keyof OrganizationProfile]?: OrganizationProfile[K] | undefined };

/** What tells two states of an organization apart, as one caller sees it: their role is a part of that. */
export function organizationVersion(organization: Pick<Organization, "version" | "role">): string {
  return `${organization.version}.${organization.role ?? "key"}`;
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

/** Whether somebody of a role may give, change or take away all of these. */
export function mayGrant(role: Role, ...others: readonly Role[]): boolean {
  return others.every((other) => grantableRoles[role].has(other));
}
