import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import type { Consumer } from "@foyer/contracts/messages/routing";
import { outboxStatements } from "@foyer/messaging/outbox-d1";
import type { Write } from "./database.ts";

/**
 * Why the database refused writes that were sound when they were planned; D1 tells by text only. A write that must find a row as
 * it was sets a column that is never null to null where it does not, which ends the whole commit.
 */
const conflicts = {
  email_taken: "UNIQUE constraint failed: users.email",
  /** The user is no longer of the version that was read. */
  user_changed: "NOT NULL constraint failed: users.version",
  /** The user that this belongs to exists no more. */
  user_gone: "FOREIGN KEY constraint failed",
  slug_taken: "UNIQUE constraint failed: organizations.slug",
  /** The guard of a new membership computes no role where its user owns as many organizations as they may. */
  ownership_limit: "NOT NULL constraint failed: memberships.role",
  already_member: "UNIQUE constraint failed: memberships.user_id, memberships.organization_id",
  /** The organization has as many members as it may. */
  member_limit: "NOT NULL constraint failed: memberships.created_at_ms",
  /** Somebody is no longer a member in the role that was read. */
  member_changed: "NOT NULL constraint failed: organizations.updated_at_ms",
  /** The organization would be left without an owner, or is no longer of the state that was read. */
  organization_changed: "NOT NULL constraint failed: organizations.version",
  /** Another invitation to the address was first. */
  invitation_taken: "UNIQUE constraint failed: invitations.organization_id, invitations.email",
  /** The organization has as many open invitations as it may. */
  invitation_limit: "NOT NULL constraint failed: invitations.hash",
  /** The link was used, or replaced, in the meantime. */
  token_used: "NOT NULL constraint failed: single_use_tokens.hash",
  /** The session has ended in the meantime. */
  session_over: "NOT NULL constraint failed: sessions.authenticated_at_ms",
  /** The authenticator app was confirmed, or another was set up. */
  totp_changed: "NOT NULL constraint failed: totp.secret",
  /** The change of address is no longer as it was read. */
  email_change_moved: "NOT NULL constraint failed: email_changes.new_email",
  /** The account is being erased already. */
  erasure_begun: "UNIQUE constraint failed: erasures.user_id",
  /** The code was taken, or a later one was. */
  totp_replayed: "NOT NULL constraint failed: totp.last_step",
  recovery_code_used: "NOT NULL constraint failed: recovery_codes.hash",
  /** There is no authenticator app that recovery codes would stand in for. */
  totp_absent: "NOT NULL constraint failed: recovery_codes.hash",
  challenge_used: "NOT NULL constraint failed: challenges.kind",
  passkey_taken: "UNIQUE constraint failed: passkeys.credential_id",
  /** The guard of a new passkey computes no name where its user has as many as they may. */
  passkey_limit: "NOT NULL constraint failed: passkeys.name",
  /** The authenticator counts back. */
  passkey_counter: "NOT NULL constraint failed: passkeys.counter",
  identity_taken: "UNIQUE constraint failed: identities.provider, identities.subject",
  /** The guard of a new identity computes no user where theirs has as many as they may. */
  identity_limit: "NOT NULL constraint failed: identities.user_id",
  /** The organization has as many keys as it may. */
  key_limit: "NOT NULL constraint failed: api_keys.hash",
} as const;

export type Conflict = keyof typeof conflicts;

export type Store = ReturnType<typeof createStore>;

/** Where the writes of a use-case are committed, all or none. */
export function createStore(db: D1Database) {
  return {
    /**
     * Commits writes in one transaction. A conflict that the use-case expects is the answer, and nothing was written then;
     * any other refusal is thrown.
     */
    commit<C extends Conflict = never>(
      writes: readonly Write[],
      expected: readonly C[] = [],
    ): Promise<"committed" | C> {
      return orConflict(expected, async (): Promise<"committed"> => {
        if (writes.length > 0) await db.batch([...writes]);
        return "committed";
      });
    },

    /** The writes that tell other workers of what is committed with them; `only` where fewer than usual are to hear it. */
    tell(message: AnyEnvelope, nowMs: number, only?: readonly Consumer[]): Write[] {
      return outboxStatements(db, [message], nowMs, only);
    },
  };
}

/** Does something, with the expected conflicts as answers. */
export async function orConflict<T, C extends Conflict>(expected: readonly C[], act: () => Promise<T>): Promise<T | C> {
  try {
    return await act();
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : "";
    const conflict = expected.find((name) => text.includes(conflicts[name]));
    if (conflict === undefined) throw thrown;
    return conflict;
  }
}
