import type { Role } from "@foyer/contracts/shared/permissions";
import type { UserBody } from "@foyer/contracts/users/api";
import { toRfc3339 } from "@foyer/kernel/clock";
import type { Id, OrganizationId, UserId } from "@foyer/kernel/ids";

/** A person with an account. */
export interface User {
  readonly id: UserId;
  readonly email: string;
  /** When the address was proven to be theirs, epoch milliseconds. */
  readonly emailVerifiedAtMs: number | null;
  readonly name: string;
  readonly locale: string | null;
  readonly timezone: string | null;
  readonly platformAdmin: boolean;
  /** Grows with every change. */
  readonly version: number;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** What a person may change of themselves; absent members stay as they are. */
export interface ProfileChange {
  readonly name?: string | undefined;
  readonly locale?: string | null | undefined;
  readonly timezone?: string | null | undefined;
}

/** An account as it begins: unverified, without any privilege. */
export function newUser(id: UserId, input: { readonly email: string; readonly name: string }, nowMs: number): User {
  return {
    id,
    email: input.email,
    emailVerifiedAtMs: null,
    name: input.name,
    locale: null,
    timezone: null,
    platformAdmin: false,
    version: 1,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}

/** A user as the API returns them. */
export function toUserBody(user: User): UserBody {
  return {
    id: user.id,
    email: user.email,
    emailVerified: user.emailVerifiedAtMs !== null,
    name: user.name,
    locale: user.locale,
    timezone: user.timezone,
    platformAdmin: user.platformAdmin,
    createdAt: toRfc3339(user.createdAtMs),
    updatedAt: toRfc3339(user.updatedAtMs),
  };
}

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
