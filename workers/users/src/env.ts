/** Bindings of the users worker; names as in wrangler.toml. */
export interface Env {
  readonly USERS_DB: D1Database;
  readonly QUEUE_NOTIFICATIONS: Queue;
  readonly QUEUE_ANALYTICS: Queue;
  readonly METRICS: AnalyticsEngineDataset;
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
  readonly PUBLIC_URL: string;
}
