import type { UserBody } from "@foyer/contracts/users/api/people";
import { toRfc3339 } from "@foyer/kernel/clock";
import type { Id, UserId } from "@foyer/kernel/ids";

/** What a person said to being written to, and to which words. */
export interface Consent {
  readonly granted: boolean;
  readonly textVersion: string;
  readonly atMs: number;
}

/** A person with an account. */
export interface User {
  readonly id: UserId;
  readonly email: string;
  /** When the address was proven to be theirs, epoch milliseconds. */
  readonly emailVerifiedAtMs: number | null;
  /** An address that is to take the place of this one, once both sides have confirmed. */
  readonly pendingEmail: string | null;
  readonly name: string;
  readonly locale: string | null;
  readonly timezone: string | null;
  readonly avatarId: Id<"avatar"> | null;
  readonly marketingConsent: Consent | null;
  readonly hasPassword: boolean;
  readonly platformAdmin: boolean;
  readonly suspendedAtMs: number | null;
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

/** An account as it begins: without any privilege. */
export function newUser(
  id: UserId,
  input: {
    readonly email: string;
    readonly name: string;
    readonly locale?: string | undefined;
    readonly timezone?: string | undefined;
    readonly emailVerifiedAtMs?: number | undefined;
    readonly hasPassword: boolean;
    readonly marketingConsent?: Consent | undefined;
  },
  nowMs: number,
): User {
  return {
    id,
    email: input.email,
    emailVerifiedAtMs: input.emailVerifiedAtMs ?? null,
    pendingEmail: null,
    name: input.name,
    locale: input.locale ?? null,
    timezone: input.timezone ?? null,
    avatarId: null,
    marketingConsent: input.marketingConsent ?? null,
    hasPassword: input.hasPassword,
    platformAdmin: false,
    suspendedAtMs: null,
    version: 1,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
  };
}

/** A user as the API returns them. */
export function toUserBody(user: User, publicUrl: string): UserBody {
  const { marketingConsent: consent } = user;
  return {
    id: user.id,
    email: user.email,
    emailVerified: user.emailVerifiedAtMs !== null,
    pendingEmail: user.pendingEmail,
    name: user.name,
    locale: user.locale,
    timezone: user.timezone,
    avatarUrl: user.avatarId === null ? null : `${publicUrl}/v1/avatars/${user.avatarId}`,
    marketingConsent:
      consent === null
        ? null
        : { granted: consent.granted, textVersion: consent.textVersion, at: toRfc3339(consent.atMs) },
    hasPassword: user.hasPassword,
    platformAdmin: user.platformAdmin,
    platformRoles: user.platformAdmin ? ["administrator"] : [],
    createdAt: toRfc3339(user.createdAtMs),
    updatedAt: toRfc3339(user.updatedAtMs),
  };
}
