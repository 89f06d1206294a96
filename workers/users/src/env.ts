/** Bindings of the users worker; names as in wrangler.toml. */
export interface Env {
  readonly USERS_DB: D1Database;
  readonly QUEUE_NOTIFICATIONS: Queue;
  readonly QUEUE_ANALYTICS: Queue;
  readonly METRICS: AnalyticsEngineDataset;
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
  /** `"true"`: registering a known address answers 409. Anything else: nobody learns which addresses have accounts. */
  readonly REVEAL_EMAIL_TAKEN: string;
  /** Secret: JSON array of private Ed25519 JWKs with `kid`. The first signs, all are published. */
  readonly SIGNING_KEYS: string;
  /** Secret: key of the HMAC that single-use links are made with. */
  readonly SINGLE_USE_TOKEN_SECRET: string;
}
