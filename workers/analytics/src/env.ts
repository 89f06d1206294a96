import type { EventsRpc } from "@foyer/contracts/events/rpc";
import type { UsersRpc } from "@foyer/contracts/users/rpc";

/** Bindings of the analytics worker; names as in wrangler.toml. */
export interface Env {
  readonly ANALYTICS_DB: D1Database;
  readonly USERS: UsersRpc;
  readonly EVENTS: EventsRpc;
  readonly QUEUE_ANALYTICS: Queue;
  readonly METRICS: AnalyticsEngineDataset;
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
  /** Secret: what visitors' ids are hashed with. */
  readonly ANALYTICS_SALT: string;
}
