import type { MessageType, Payload } from "@foyer/contracts/messages/catalog";
import type { Envelope } from "@foyer/contracts/messages/envelope";
import { assert } from "@foyer/kernel/assert";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import type { Money } from "@foyer/kernel/money";

/** Everything that is counted. */
export const factKinds = [
  "view",
  "visitor",
  "reservation_created",
  "reservation_released",
  "reservation_expired",
  "order_created",
  "order_confirmed",
  "order_cancelled",
  "order_refunded",
  "order_expired",
  "refund",
  "check_in",
] as const;
export type FactKind = (typeof factKinds)[number];

/** Something that happened to one subject, once or as often as `count` says; see the table `facts`. */
export interface Fact {
  readonly kind: FactKind;
  readonly subject: string;
  readonly eventId: EventId;
  readonly organizationId: OrganizationId | null;
  readonly atMs: number;
  readonly count: number;
  readonly tickets: number;
  readonly money: Money | null;
  readonly source: string | null;
  readonly messageId: string;
}

/** Milliseconds of when a message's change was committed. A message that does not say is refused by throwing. */
function occurredAtMs(message: Envelope): number {
  const atMs = Date.parse(message.occurredAt);
  assert(Number.isSafeInteger(atMs), "a message says when its change was committed");
  return atMs;
}

function ticketsOf(items: readonly { readonly quantity: number }[]): number {
  return items.reduce((sum, { quantity }) => sum + quantity, 0);
}

/** Message types that tell of an order, and what each is counted as. */
const orderKinds = {
  "order.created": "order_created",
  "order.confirmed": "order_confirmed",
  "order.cancelled": "order_cancelled",
  "order.refunded": "order_refunded",
  "order.expired": "order_expired",
} as const satisfies Partial<Record<MessageType, FactKind>>;

/** What a message that counts reservations says: a fact for each figure that is not zero, about the message itself. */
export function reservationFacts(message: Envelope<"reservations.counted">): Fact[] {
  const { eventId, organizationId, created, released, expired } = message.payload;
  const counts = [
    ["reservation_created", created],
    ["reservation_released", released],
    ["reservation_expired", expired],
  ] as const;
  const atMs = occurredAtMs(message);
  return counts
    .filter(([, count]) => count > 0)
    .map(([kind, count]) => ({
      kind,
      subject: message.id,
      eventId,
      organizationId,
      atMs,
      count,
      tickets: 0,
      money: null,
      source: null,
      messageId: message.id,
    }));
}

/** What a message about an order says. */
export function orderFact(message: Envelope<keyof typeof orderKinds>): Fact {
  const { eventId, organizationId, orderId, items, total } = message.payload;
  return {
    kind: orderKinds[message.type],
    subject: orderId,
    eventId,
    organizationId,
    atMs: occurredAtMs(message),
    count: 1,
    tickets: ticketsOf(items),
    money: total,
    source: null,
    messageId: message.id,
  };
}

/** Money that went back. */
export function refundFact(message: Envelope<"refund.succeeded">): Fact {
  const { eventId, organizationId, refundId, amount } = message.payload;
  return {
    kind: "refund",
    subject: refundId,
    eventId,
    organizationId,
    atMs: occurredAtMs(message),
    count: 1,
    tickets: 0,
    money: amount,
    source: null,
    messageId: message.id,
  };
}

/** A ticket's admission; the first one counts, so that going out for air makes nobody two guests. */
export function checkInFact(message: Envelope<"ticket.checked_in">): Fact {
  const { eventId, organizationId, ticketId, atMs } = message.payload;
  return {
    kind: "check_in",
    subject: ticketId,
    eventId,
    organizationId,
    atMs,
    count: 1,
    tickets: 1,
    money: null,
    source: null,
    messageId: message.id,
  };
}

/** A look at an event's page, and who looked where that is known. */
export function viewFacts(message: Envelope<"event.viewed">): Fact[] {
  const { eventId, visitor, source, atMs }: Payload<"event.viewed"> = message.payload;
  const base = {
    eventId,
    organizationId: null,
    atMs,
    count: 1,
    tickets: 0,
    money: null,
    source,
    messageId: message.id,
  };
  return [
    { ...base, kind: "view", subject: message.id },
    ...(visitor === null ? [] : [{ ...base, kind: "visitor" as const, subject: `${eventId}/${visitor}` }]),
  ];
}
