import type { OAuthFlow } from "../domain/oauth-flow.ts";
import type { ProviderClaims } from "../domain/providers.ts";
import type { Write } from "./database.ts";

const columns = `state_hash AS stateHash, provider, intent, user_id AS userId, redirect_uri AS redirectUri, mode,
  browser_hash AS browserHash, code_challenge AS codeChallenge, expires_at_ms AS expiresAtMs`;

/** What a provider said, as it is kept. */
type StoredClaims = Omit<ProviderClaims, "provider">;

export type OAuthFlowRepository = ReturnType<typeof createOAuthFlowRepository>;

/** Sign-ins that are under way at providers. States and codes are known by their hashes only. */
export function createOAuthFlowRepository(db: D1Database) {
  return {
    insert(flow: OAuthFlow): Write {
      return db
        .prepare(
          `INSERT INTO oauth_flows (state_hash, provider, intent, user_id, redirect_uri, mode, browser_hash, code_challenge, expires_at_ms)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
        )
        .bind(
          flow.stateHash,
          flow.provider,
          flow.intent,
          flow.userId,
          flow.redirectUri,
          flow.mode,
          flow.browserHash,
          flow.codeChallenge,
          flow.expiresAtMs,
        );
    },

    /** A flow whose provider has not answered yet, by its state; null where there is none. */
    async findOpen(stateHash: string, nowMs: number): Promise<OAuthFlow | null> {
      return db
        .prepare(
          `SELECT ${columns} FROM oauth_flows WHERE state_hash = ?1 AND returned_at_ms IS NULL AND expires_at_ms > ?2`,
        )
        .bind(stateHash, nowMs)
        .first<OAuthFlow>();
    },

    /** Uses the state up, before anything is made of the answer: of two answers at once, one has it. */
    async takeAnswer(stateHash: string, nowMs: number): Promise<boolean> {
      const { meta } = await db
        .prepare("UPDATE oauth_flows SET returned_at_ms = ?2 WHERE state_hash = ?1 AND returned_at_ms IS NULL")
        .bind(stateHash, nowMs)
        .run();
      return meta.changes === 1;
    },

    /** Keeps what the provider said for whoever shows the code; with the code, the flow ends. */
    keep(stateHash: string, claims: ProviderClaims, codeHash: string, codeExpiresAtMs: number): Write {
      const { provider: _inItsColumn, ...said } = claims;
      return db
        .prepare(
          `UPDATE oauth_flows SET claims = ?2, code_hash = ?3, code_expires_at_ms = ?4, expires_at_ms = ?4 WHERE state_hash = ?1`,
        )
        .bind(stateHash, JSON.stringify(said satisfies StoredClaims), codeHash, codeExpiresAtMs);
    },

    /** A flow that has ended, with what its provider said, by its one-time code; null where there is none. */
    async findReturned(
      codeHash: string,
      nowMs: number,
    ): Promise<{ readonly flow: OAuthFlow; readonly claims: ProviderClaims } | null> {
      const row = await db
        .prepare(
          `SELECT ${columns}, claims FROM oauth_flows WHERE code_hash = ?1 AND redeemed_at_ms IS NULL AND code_expires_at_ms > ?2`,
        )
        .bind(codeHash, nowMs)
        .first<OAuthFlow & { readonly claims: string }>();
      if (row === null) return null;
      const { claims, ...flow } = row;
      // Written by `keep` above.
      return { flow, claims: { provider: flow.provider, ...(JSON.parse(claims) as StoredClaims) } };
    },

    /** Uses the code up and forgets what the provider said: of two that show it at once, one has it. */
    async redeem(stateHash: string, nowMs: number): Promise<boolean> {
      const { meta } = await db
        .prepare(
          "UPDATE oauth_flows SET redeemed_at_ms = ?2, claims = NULL WHERE state_hash = ?1 AND redeemed_at_ms IS NULL",
        )
        .bind(stateHash, nowMs)
        .run();
      return meta.changes === 1;
    },
  };
}
