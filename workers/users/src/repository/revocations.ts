import type { Revocation } from "@foyer/contracts/users/rpc";
import { secondMs } from "@foyer/kernel/clock";
import type { OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Write } from "./database.ts";

/** A token of that moment has run out by then, on every clock. */
const keptMs = (limits.accessTokenTtlSeconds + 2 * limits.clockSkewSeconds) * secondMs;

/**
 * A token is dated before the commit that gives it out, and what ends it is dated before its own commit, so of two at once the one that ends may
 * bear the earlier date. It reaches so far beyond its date: longer than a commit takes.
 */
const overtakenMs = 5 * secondMs;

export type RevocationRepository = ReturnType<typeof createRevocationRepository>;

/** The list of what ended before its time. */
export function createRevocationRepository(db: D1Database) {
  return {
    async listAfter(sequence: number, limit: number): Promise<Revocation[]> {
      const { results } = await db
        .prepare(
          "SELECT sequence, subject, before_ms AS beforeMs FROM revocations WHERE sequence > ?1 ORDER BY sequence LIMIT ?2",
        )
        .bind(sequence, limit)
        .all<Revocation>();
      return results;
    },

    /** Voids the access tokens of a user, or of a session, by what {@link overtakenMs} says. */
    revokeTokens(subject: string, nowMs: number): Write {
      return this.revoke(subject, nowMs + overtakenMs);
    },

    /** Voids what was issued to a subject up to a moment. */
    revoke(subject: string, beforeMs: number): Write {
      return db
        .prepare("INSERT INTO revocations (subject, before_ms, expires_at_ms) VALUES (?1, ?2, ?3)")
        .bind(subject, beforeMs, beforeMs + keptMs);
    },

    /** Voids all keys of an organization. */
    revokeKeys(organizationId: OrganizationId, nowMs: number): Write {
      return db
        .prepare(
          "INSERT INTO revocations (subject, before_ms, expires_at_ms) SELECT id, ?2, ?3 FROM api_keys WHERE organization_id = ?1",
        )
        .bind(organizationId, nowMs, nowMs + keptMs);
    },

    /** Voids the access tokens of a user's open sessions, but one; sessions that nobody used lately have no living token. */
    revokeSessions(userId: string, exceptId: string | null, nowMs: number): Write {
      return db
        .prepare(
          `INSERT INTO revocations (subject, before_ms, expires_at_ms) SELECT id, ?3, ?4 FROM sessions
           WHERE user_id = ?1 AND ended_at_ms IS NULL AND id <> coalesce(?2, '') AND last_used_at_ms > ?5`,
        )
        .bind(userId, exceptId, nowMs + overtakenMs, nowMs + overtakenMs + keptMs, nowMs - keptMs);
    },
  };
}
