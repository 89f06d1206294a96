import { erasureWorkers, type MessageType } from "./catalog.ts";

/** Workers that consume a queue. A queue has one consuming worker, so fan-out is one queue per consumer. */
export const consumers = ["users", "events", "bookings", "payments", "notifications", "search", "analytics"] as const;
export type Consumer = (typeof consumers)[number];

/** Who is told what. A type that nobody consumes is not written to the outbox at all. */
export const routing: Readonly<Record<MessageType, readonly Consumer[]>> = {
  "user.registered": ["analytics"],
  "user.letter_due": ["notifications"],
  "user.erasure_due": erasureWorkers,
  "user.erased": ["users"],
  "organization.created": ["analytics"],
  "organization.updated": ["events"],
  "organization.closing": ["events"],
  "organization.closing_answered": ["users"],

  "event.published": ["search", "bookings"],
  "event.updated": ["search", "bookings"],
  "event.unpublished": ["search", "bookings"],
  "event.postponed": ["search", "bookings"],
  "event.cancelled": ["search", "bookings"],
  "event.completed": ["search", "bookings"],
  "event.deleted": ["search", "bookings"],
  "event.series_due": ["events"],
  "event.notice_due": ["bookings"],
  "event.invitation_due": ["notifications"],

  "reservations.counted": ["analytics"],
  "order.created": ["analytics"],
  "order.confirmed": ["notifications", "analytics"],
  "order.expired": ["payments", "analytics"],
  "order.cancelled": ["payments", "notifications", "analytics"],
  "order.refunded": ["notifications", "analytics"],
  "order.refund_due": ["payments", "notifications"],
  "order.forgotten": ["payments"],
  "order.notice_due": ["notifications"],
  "order.changed": ["bookings"],
  "ticket.checked_in": ["analytics"],
  "ticket.checked_out": ["analytics"],
  "capacity.changed": ["search"],

  "payment.succeeded": ["analytics"],
  "payment.failed": ["analytics"],
  "refund.succeeded": ["analytics"],
  "refund.failed": ["analytics"],

  "event.viewed": ["analytics"],
};

/** Name of a consumer's queue. */
export function queueName(consumer: Consumer): string {
  return `foyer-${consumer}`;
}

/** Name of the queue that takes what a consumer gave up on. The same worker stores it. */
export function deadLetterQueueName(consumer: Consumer): string {
  return `${queueName(consumer)}-dlq`;
}
