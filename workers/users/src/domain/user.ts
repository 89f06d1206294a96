import type { UserBody } from "@foyer/contracts/users/api";
import { toRfc3339 } from "@foyer/kernel/clock";
import type { UserId } from "@foyer/kernel/ids";

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
