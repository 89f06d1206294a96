import type { BookingsRpc } from "@foyer/contracts/bookings/rpc";
import type { EventsRpc } from "@foyer/contracts/events/rpc";
import type { DeliveryStatus, MailKind } from "@foyer/contracts/notifications/api";
import type { UsersRpc } from "@foyer/contracts/users/rpc";
import type { Clock } from "@foyer/kernel/clock";
import type { Id, MessageId } from "@foyer/kernel/ids";
import type { Logger } from "@foyer/telemetry/logger";
import type { Metrics } from "@foyer/telemetry/metrics";
import type { Mail } from "../domain/mail.ts";

/** What became of one attempt. `errorClass` is a short word of ours or the provider's code, never its text. */
export type SendOutcome =
  | { readonly kind: "sent"; readonly providerMessageId: string | null }
  /** Not now: the provider is down, slow, limiting, or wrongly configured. */
  | { readonly kind: "failed"; readonly errorClass: string }
  /** Never: the provider will not take this mail. */
  | { readonly kind: "refused"; readonly errorClass: string }
  /** The provider no longer writes to this address, after a bounce or a complaint. */
  | { readonly kind: "suppressed"; readonly errorClass: string };

/** Port of a mail provider. Does not throw; takes a bounded time. */
export interface MailSender {
  readonly provider: string;
  /** The same key sends once, where the provider knows keys. */
  send(mail: Mail, idempotencyKey: string): Promise<SendOutcome>;
}

/** A delivery as the list shows it. */
export interface Delivery {
  readonly id: Id<"delivery">;
  readonly messageId: MessageId;
  readonly kind: MailKind;
  readonly recipientMasked: string;
  readonly status: DeliveryStatus;
  readonly attempts: number;
  readonly provider: string;
  readonly providerMessageId: string | null;
  readonly errorClass: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly sentAtMs: number | null;
}

/** A delivery with what its recipient can be known again by. */
export type AddressedDelivery = Pick<Delivery, "id" | "messageId" | "kind" | "status" | "createdAtMs" | "sentAtMs"> &
  Pick<DeliveryKey, "recipientHash">;

/** What identifies a mail: one message makes one mail of a kind to one address. */
export interface DeliveryKey {
  readonly messageId: MessageId;
  readonly kind: MailKind;
  readonly recipientHash: string;
}

export type Claim =
  /** Ours until the lease ends. `refusals` counts earlier attempts that were refused for good. */
  | { readonly state: "claimed"; readonly id: Id<"delivery">; readonly attempts: number; readonly refusals: number }
  /** Another sender holds it right now. */
  | { readonly state: "held" }
  /** It went out, or never will. */
  | { readonly state: "settled" };

/** Port of the table of deliveries. */
export interface DeliveryRepository {
  claim(
    key: DeliveryKey & { readonly recipientMasked: string; readonly provider: string },
    nowMs: number,
    leaseUntilMs: number,
  ): Promise<Claim>;
  /** Notes that it went out, or that it never will; to be committed with the message's inbox row. */
  settle(
    id: Id<"delivery">,
    outcome: Extract<SendOutcome, { readonly kind: "sent" | "suppressed" }>,
    nowMs: number,
  ): D1PreparedStatement;
  /** Lets go of a delivery that failed; one that was not refused waits for its next try. */
  release(
    id: Id<"delivery">,
    outcome: Extract<SendOutcome, { readonly kind: "failed" | "refused" }>,
    nowMs: number,
  ): Promise<void>;
  list(page: {
    readonly status: DeliveryStatus | null;
    readonly limit: number;
    readonly before: readonly [createdAtMs: number, id: string] | null;
  }): Promise<Delivery[]>;
  /** Mails to addresses of which no more is kept than this masked form, newest first. */
  listMasked(page: {
    readonly masked: string;
    readonly untilMs: number;
    readonly limit: number;
    readonly before: readonly [createdAtMs: number, id: string] | null;
  }): Promise<AddressedDelivery[]>;
  /** Empties what tells of the recipients of these mails. */
  forgetRecipients(ids: readonly Id<"delivery">[]): Promise<void>;
  /** Forgets rows made before a moment, at most a thousand a call. */
  forget(beforeMs: number): Promise<number>;
}

/** What notifications asks of users. */
export type Users = Pick<UsersRpc, "getLetter" | "getContacts" | "getErasure">;

/** What sending a mail needs. */
export interface MailDeps {
  readonly deliveries: DeliveryRepository;
  readonly mailer: MailSender;
  readonly users: Users;
  readonly bookings: Pick<BookingsRpc, "getOrderDocument">;
  readonly events: Pick<EventsRpc, "getInvitation">;
  readonly clock: Clock;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly publicUrl: string;
}
