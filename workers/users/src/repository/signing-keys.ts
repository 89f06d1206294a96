import type { SigningKey } from "../domain/signing-keys.ts";
import type { Write } from "./database.ts";

/** A key with its private part, which is sealed. */
export interface StoredSigningKey extends SigningKey {
  readonly privateKey: string;
}

/** What an operator asked for. */
export interface SigningKeyOrder {
  readonly id: number;
  readonly action: "rotate" | "withdraw";
  readonly kid: string | null;
}

export type SigningKeyRepository = ReturnType<typeof createSigningKeyRepository>;

/** Keys that sign, and what operators ordered to be done with them. */
export function createSigningKeyRepository(db: D1Database) {
  return {
    async list(): Promise<StoredSigningKey[]> {
      const { results } = await db
        .prepare(
          `SELECT kid, public_key AS publicKey, private_key AS privateKey, created_at_ms AS createdAtMs, activates_at_ms AS activatesAtMs
           FROM signing_keys ORDER BY activates_at_ms`,
        )
        .all<StoredSigningKey>();
      return results;
    },

    async listOrders(): Promise<SigningKeyOrder[]> {
      const { results } = await db
        .prepare("SELECT id, action, kid FROM signing_key_orders ORDER BY id LIMIT 10")
        .all<SigningKeyOrder>();
      return results;
    },

    insert(key: StoredSigningKey): Write {
      return db
        .prepare(
          "INSERT INTO signing_keys (kid, public_key, private_key, created_at_ms, activates_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .bind(key.kid, key.publicKey, key.privateKey, key.createdAtMs, key.activatesAtMs);
    },

    /** As `insert`, where there is no key at all: of several at once, one makes the first. */
    insertFirst(key: StoredSigningKey): Write {
      return db
        .prepare(
          `INSERT INTO signing_keys (kid, public_key, private_key, created_at_ms, activates_at_ms)
           SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (SELECT 1 FROM signing_keys)`,
        )
        .bind(key.kid, key.publicKey, key.privateKey, key.createdAtMs, key.activatesAtMs);
    },

    remove(kid: string): Write {
      return db.prepare("DELETE FROM signing_keys WHERE kid = ?1").bind(kid);
    },

    finishOrder(id: number): Write {
      return db.prepare("DELETE FROM signing_key_orders WHERE id = ?1").bind(id);
    },
  };
}
