import type { BookingsRpc } from "@foyer/contracts/bookings/rpc";
import type { UsersRpc } from "@foyer/contracts/users/rpc";

/** Bindings of the payments worker; names as in wrangler.toml. */
export interface Env {
  readonly PAYMENTS_DB: D1Database;
  readonly USERS: UsersRpc;
  readonly BOOKINGS: BookingsRpc;
  readonly QUEUE_USERS: Queue;
  readonly QUEUE_ANALYTICS: Queue;
  readonly METRICS: AnalyticsEngineDataset;
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
  readonly PUBLIC_URL: string;
  readonly STRIPE_API_URL: string;
  /** Secret: Stripe's API key. */
  readonly STRIPE_SECRET_KEY: string;
  /** Secret: what Stripe signs its webhooks with; several, separated by commas, while it is being rotated. */
  readonly STRIPE_WEBHOOK_SECRET: string;
  /** Milliseconds that one call to Stripe may take; the platform's limit where it is not set. */
  readonly STRIPE_TIMEOUT_MS?: string;
}
