import type { AuthPeer } from "@foyer/auth/auth";

/** Bindings of the search worker; names as in wrangler.toml. */
export interface Env {
  readonly SEARCH_DB: D1Database;
  /** Asked for the signing keys only. */
  readonly USERS: AuthPeer;
  readonly METRICS: AnalyticsEngineDataset;
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
}
