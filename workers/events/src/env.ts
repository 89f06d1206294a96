import type { BookingsRpc } from "@foyer/contracts/bookings/rpc";
import type { UsersRpc } from "@foyer/contracts/users/rpc";

/** Bindings of the events worker; names as in wrangler.toml. */
export interface Env {
  readonly EVENTS_DB: D1Database;
  readonly MEDIA: R2Bucket;
  readonly USERS: UsersRpc;
  readonly BOOKINGS: BookingsRpc;
  readonly QUEUE_SEARCH: Queue;
  readonly QUEUE_BOOKINGS: Queue;
  readonly QUEUE_USERS: Queue;
  readonly QUEUE_NOTIFICATIONS: Queue;
  /** Its own: what it does in rounds, it tells itself. */
  readonly QUEUE_EVENTS: Queue;
  readonly METRICS: AnalyticsEngineDataset;
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
  readonly PUBLIC_URL: string;
  /** Cloudflare's zone in front of the platform whose cache is to be purged, and a token that may; without both nothing is purged. */
  readonly CACHE_PURGE_ZONE?: string;
  readonly CACHE_PURGE_TOKEN?: string;
  /** Cloudflare Images, which makes variants; without it this worker makes them itself, of pictures that fit its memory. */
  readonly IMAGES?: ImagesBinding;
  /** Bytes that the media of one organization may take up; {@link limits.mediaQuotaBytes} where left out. */
  readonly MEDIA_QUOTA_BYTES?: string;
  /** Shared with bookings, which checks the grants to gated events with it; 32 bytes or more. */
  readonly EVENT_ACCESS_SECRET: string;
}
