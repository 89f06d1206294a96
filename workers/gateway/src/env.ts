/** Bindings of the gateway; names as in the root wrangler.toml. */
export interface Env {
  readonly USERS: Fetcher;
  readonly EVENTS: Fetcher;
  readonly BOOKINGS: Fetcher;
  readonly PAYMENTS: Fetcher;
  readonly NOTIFICATIONS: Fetcher;
  readonly SEARCH: Fetcher;
  readonly ANALYTICS: Fetcher;
  /** Requests of one client, and its tries at signing in. */
  readonly RATE_LIMIT: RateLimit;
  readonly AUTH_RATE_LIMIT: RateLimit;
  /** Origins of pages that may call the API from a browser, separated by commas. */
  readonly ALLOWED_ORIGINS: string;
  /** The `RateLimit-Policy` that the two limits publish, or `off`. */
  readonly RATE_LIMITS: string;
}
