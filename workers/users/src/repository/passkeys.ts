import type { Id, UserId } from "@foyer/kernel/ids";
import { knownTransports, type Transport } from "../domain/passkeys.ts";
import type { Write } from "./database.ts";

/** A passkey of a user's. */
export interface Passkey {
  readonly id: Id<"passkey">;
  readonly userId: UserId;
  /** As the authenticator named it, base64url. */
  readonly credentialId: string;
  /** COSE key, base64url. */
  readonly publicKey: string;
  readonly counter: number;
  readonly transports: readonly Transport[];
  readonly backedUp: boolean;
  readonly name: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
}

type PasskeyRow = Omit<Passkey, "transports" | "backedUp"> & { readonly transports: string; readonly backedUp: number };

const columns = `id, user_id AS userId, credential_id AS credentialId, public_key AS publicKey, counter, transports,
  backed_up AS backedUp, name, created_at_ms AS createdAtMs, last_used_at_ms AS lastUsedAtMs`;

function toPasskey(row: PasskeyRow): Passkey {
  // Written by `insert` below.
  const transports = knownTransports(JSON.parse(row.transports) as string[]);
  return { ...row, transports, backedUp: row.backedUp === 1 };
}

export type PasskeyRepository = ReturnType<typeof createPasskeyRepository>;

/** Passkeys. */
export function createPasskeyRepository(db: D1Database) {
  return {
    async list(userId: UserId): Promise<Passkey[]> {
      const { results } = await db
        .prepare(`SELECT ${columns} FROM passkeys WHERE user_id = ?1 ORDER BY id`)
        .bind(userId)
        .all<PasskeyRow>();
      return results.map(toPasskey);
    },

    async find(id: Id<"passkey">, userId: UserId): Promise<Passkey | null> {
      const row = await db
        .prepare(`SELECT ${columns} FROM passkeys WHERE id = ?1 AND user_id = ?2`)
        .bind(id, userId)
        .first<PasskeyRow>();
      return row === null ? null : toPasskey(row);
    },

    async findByCredential(credentialId: string): Promise<Passkey | null> {
      const row = await db
        .prepare(`SELECT ${columns} FROM passkeys WHERE credential_id = ?1`)
        .bind(credentialId)
        .first<PasskeyRow>();
      return row === null ? null : toPasskey(row);
    },

    /**
     * A new passkey; committing meets `passkey_taken` where the credential is known, and `passkey_limit` where its user has as many as
     * they may.
     */
    insert(passkey: Passkey, countMax: number): Write {
      return db
        .prepare(
          `INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, backed_up, name, created_at_ms)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, CASE WHEN (SELECT count(*) FROM passkeys WHERE user_id = ?2) < ?10 THEN ?8 END, ?9)`,
        )
        .bind(
          passkey.id,
          passkey.userId,
          passkey.credentialId,
          passkey.publicKey,
          passkey.counter,
          JSON.stringify(passkey.transports),
          passkey.backedUp ? 1 : 0,
          passkey.name,
          passkey.createdAtMs,
          countMax,
        );
    },

    /** Notes a use; committing meets `passkey_counter` where the counter does not go on from the last one. */
    use(id: Id<"passkey">, counter: number, backedUp: boolean, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE passkeys SET counter = CASE WHEN counter < ?2 OR (counter = 0 AND ?2 = 0) THEN ?2 END, backed_up = ?3,
             last_used_at_ms = ?4 WHERE id = ?1`,
        )
        .bind(id, counter, backedUp ? 1 : 0, nowMs);
    },

    rename(id: Id<"passkey">, name: string): Write {
      return db.prepare("UPDATE passkeys SET name = ?2 WHERE id = ?1").bind(id, name);
    },

    remove(id: Id<"passkey">): Write {
      return db.prepare("DELETE FROM passkeys WHERE id = ?1").bind(id);
    },

    removeAll(userId: UserId): Write {
      return db.prepare("DELETE FROM passkeys WHERE user_id = ?1").bind(userId);
    },
  };
}
