import type { UsersRpc } from "@foyer/contracts/users/rpc";
import type { BoxOffice } from "./durable-objects/box-office.ts";

/** Bindings of the bookings worker; names as in wrangler.toml. */
export interface Env {
  readonly BOX_OFFICE: DurableObjectNamespace<BoxOffice>;
  readonly BOOKINGS_DB: D1Database;
  readonly USERS: UsersRpc;
  readonly QUEUE_USERS: Queue;
  readonly QUEUE_BOOKINGS: Queue;
  readonly QUEUE_PAYMENTS: Queue;
  readonly QUEUE_NOTIFICATIONS: Queue;
  readonly QUEUE_SEARCH: Queue;
  readonly QUEUE_ANALYTICS: Queue;
  readonly METRICS: AnalyticsEngineDataset;
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
  readonly PUBLIC_URL: string;
  /** How long a reservation or an unpaid order holds its places, in whole seconds; the platform's usual time where left out. */
  readonly RESERVATION_TTL_SECONDS?: string;
  /** Secret that reservations' and orders' secrets and the keys of ticket codes are derived from; 32 bytes or more. */
  readonly BOOKINGS_SECRET: string;
  /** Shared with events, which signs the grants to gated events with it; 32 bytes or more. */
  readonly EVENT_ACCESS_SECRET: string;
}
