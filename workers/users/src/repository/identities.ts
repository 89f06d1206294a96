import type { ProviderName } from "@foyer/contracts/users/api/providers";
import type { Id, UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Write } from "./database.ts";

/** An account at a provider that opens an account here. */
export interface Identity {
  readonly id: Id<"identity">;
  readonly userId: UserId;
  readonly provider: ProviderName;
  /** The provider's own, lasting name for the person. */
  readonly subject: string;
  readonly email: string | null;
  readonly name: string | null;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
}

const columns = `id, user_id AS userId, provider, subject, email, name, created_at_ms AS createdAtMs,
  last_used_at_ms AS lastUsedAtMs`;

export type IdentityRepository = ReturnType<typeof createIdentityRepository>;

/** Linked accounts at providers. */
export function createIdentityRepository(db: D1Database) {
  return {
    async list(userId: UserId): Promise<Identity[]> {
      const { results } = await db
        .prepare(`SELECT ${columns} FROM identities WHERE user_id = ?1 ORDER BY id`)
        .bind(userId)
        .all<Identity>();
      return results;
    },

    async findBySubject(provider: ProviderName, subject: string): Promise<Identity | null> {
      return db
        .prepare(`SELECT ${columns} FROM identities WHERE provider = ?1 AND subject = ?2`)
        .bind(provider, subject)
        .first<Identity>();
    },

    /**
     * A new link. Committing meets `identity_taken` where the identity opens an account already, and `identity_limit` where its user has
     * as many as they may: the user is NULL then, which aborts.
     */
    insert(identity: Identity): Write {
      return db
        .prepare(
          `INSERT INTO identities (id, user_id, provider, subject, email, name, created_at_ms, last_used_at_ms)
           SELECT ?1, CASE WHEN count(*) < ?9 THEN ?2 END, ?3, ?4, ?5, ?6, ?7, ?8 FROM identities WHERE user_id = ?2`,
        )
        .bind(
          identity.id,
          identity.userId,
          identity.provider,
          identity.subject,
          identity.email,
          identity.name,
          identity.createdAtMs,
          identity.lastUsedAtMs,
          limits.identitiesPerUserMax,
        );
    },

    /** Notes a sign-in, and the address as the provider has it now. */
    use(id: Id<"identity">, email: string | null, nowMs: number): Write {
      return db
        .prepare("UPDATE identities SET last_used_at_ms = ?3, email = coalesce(?2, email) WHERE id = ?1")
        .bind(id, email, nowMs);
    },

    remove(id: Id<"identity">): Write {
      return db.prepare("DELETE FROM identities WHERE id = ?1").bind(id);
    },

    removeAll(userId: UserId): Write {
      return db.prepare("DELETE FROM identities WHERE user_id = ?1").bind(userId);
    },
  };
}
