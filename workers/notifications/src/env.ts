import type { AuthPeer } from "@foyer/auth/auth";
import type { BookingsRpc } from "@foyer/contracts/bookings/rpc";
import type { EventsRpc } from "@foyer/contracts/events/rpc";
import type { UsersRpc } from "@foyer/contracts/users/rpc";

/** Bindings of the notifications worker; names as in wrangler.toml. */
export interface Env {
  readonly NOTIFICATIONS_DB: D1Database;
  readonly USERS: AuthPeer & Pick<UsersRpc, "getLetter" | "getContacts" | "getErasure">;
  readonly BOOKINGS: Pick<BookingsRpc, "getOrderDocument">;
  readonly EVENTS: Pick<EventsRpc, "getInvitation">;
  readonly QUEUE_USERS: Queue;
  readonly EMAIL: SendEmail;
  readonly METRICS: AnalyticsEngineDataset;
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
  /** Where the public site is, without a slash at the end. */
  readonly PUBLIC_URL: string;
  /** `cloudflare` or `resend`. */
  readonly MAIL_PROVIDER: string;
  /** Sender of every mail, `Name <address>`. */
  readonly MAIL_FROM: string;
  readonly RESEND_API_URL: string;
  /** Secret; needed where the provider is `resend`. */
  readonly RESEND_API_KEY?: string;
}
