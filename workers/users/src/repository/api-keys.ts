import type { KeyScope } from "@foyer/contracts/shared/permissions";
import type { Id, OrganizationId } from "@foyer/kernel/ids";
import type { ApiKey } from "../domain/api-key.ts";
import type { Write } from "./database.ts";

/** A key with what its secret is compared with. */
export interface StoredApiKey extends ApiKey {
  readonly hash: string;
  readonly previousHash: string | null;
  readonly previousExpiresAtMs: number | null;
}

type KeyRow = Omit<StoredApiKey, "scopes"> & { readonly scopes: string };

const columns = `id, organization_id AS organizationId, name, scopes, hash, previous_hash AS previousHash,
  previous_expires_at_ms AS previousExpiresAtMs, created_by AS createdBy, created_at_ms AS createdAtMs,
  rotated_at_ms AS rotatedAtMs, last_used_at_ms AS lastUsedAtMs, expires_at_ms AS expiresAtMs, version`;

function toKey(row: KeyRow): StoredApiKey {
  // Written by `insert` below.
  return { ...row, scopes: JSON.parse(row.scopes) as KeyScope[] };
}

export type ApiKeyRepository = ReturnType<typeof createApiKeyRepository>;

/** Keys of organizations. A revoked one is gone. */
export function createApiKeyRepository(db: D1Database) {
  return {
    async find(id: Id<"apiKey">): Promise<StoredApiKey | null> {
      const row = await db.prepare(`SELECT ${columns} FROM api_keys WHERE id = ?1`).bind(id).first<KeyRow>();
      return row === null ? null : toKey(row);
    },

    /** Notes a use, unless one was noted a moment ago. */
    async noteUse(id: Id<"apiKey">, nowMs: number, unlessAfterMs: number): Promise<void> {
      await db
        .prepare("UPDATE api_keys SET last_used_at_ms = ?2 WHERE id = ?1 AND coalesce(last_used_at_ms, 0) < ?3")
        .bind(id, nowMs, unlessAfterMs)
        .run();
    },

    /** A key of this organization, or null. */
    async findIn(organizationId: OrganizationId, id: Id<"apiKey">): Promise<StoredApiKey | null> {
      const key = await this.find(id);
      return key?.organizationId === organizationId ? key : null;
    },

    async list(organizationId: OrganizationId, after: string, limit: number): Promise<StoredApiKey[]> {
      const { results } = await db
        .prepare(`SELECT ${columns} FROM api_keys WHERE organization_id = ?1 AND id > ?2 ORDER BY id LIMIT ?3`)
        .bind(organizationId, after, limit)
        .all<KeyRow>();
      return results.map(toKey);
    },

    /** A new key; committing meets `key_limit` where the organization has as many as it may. */
    insert(key: ApiKey, hash: string, keysMax: number): Write {
      return db
        .prepare(
          `INSERT INTO api_keys (id, organization_id, name, scopes, hash, created_by, created_at_ms, expires_at_ms)
           SELECT ?1, ?2, ?3, ?4, CASE WHEN (SELECT count(*) FROM api_keys WHERE organization_id = ?2) < ?9 THEN ?5 END, ?6, ?7, ?8`,
        )
        .bind(
          key.id,
          key.organizationId,
          key.name,
          JSON.stringify(key.scopes),
          hash,
          key.createdBy,
          key.createdAtMs,
          key.expiresAtMs,
          keysMax,
        );
    },

    /** Ends the commit with `organization_changed` where the key was changed or revoked since it was found. */
    mustBeThere({ id, organizationId, version }: Pick<ApiKey, "id" | "organizationId" | "version">): Write {
      return db
        .prepare(
          `UPDATE organizations SET version = CASE WHEN EXISTS (SELECT 1 FROM api_keys WHERE id = ?2 AND version = ?3)
             THEN version END WHERE id = ?1`,
        )
        .bind(organizationId, id, version);
    },

    rename(id: Id<"apiKey">, name: string): Write {
      return db.prepare("UPDATE api_keys SET name = ?2, version = version + 1 WHERE id = ?1").bind(id, name);
    },

    /** Puts a new secret in the place of the current one, which works on until the given moment; one before that ends now. */
    rotate(id: Id<"apiKey">, hash: string, previousExpiresAtMs: number, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE api_keys SET previous_hash = hash, previous_expires_at_ms = ?3, hash = ?2, rotated_at_ms = ?4, version = version + 1
           WHERE id = ?1`,
        )
        .bind(id, hash, previousExpiresAtMs, nowMs);
    },

    remove(id: Id<"apiKey">): Write {
      return db.prepare("DELETE FROM api_keys WHERE id = ?1").bind(id);
    },

    removeAll(organizationId: OrganizationId): Write {
      return db.prepare("DELETE FROM api_keys WHERE organization_id = ?1").bind(organizationId);
    },
  };
}
