import type { Clock } from "@foyer/kernel/clock";
import type { Handlers } from "@foyer/messaging/consumer";
import { checkInFact, type Fact, orderFact, refundFact, reservationFacts, viewFacts } from "../domain/facts.ts";
import { recordFact } from "../repository/facts.ts";

/** What analytics does with the news it is told: every message becomes facts, and the sums follow in the same commit. */
export function createHandlers(db: D1Database, clock: Clock): Handlers {
  const record = (...facts: readonly Fact[]): D1PreparedStatement[] =>
    facts.map((fact) => recordFact(db, fact, clock.nowMs()));
  return {
    "reservations.counted": async (message) => record(...reservationFacts(message)),
    "order.created": async (message) => record(orderFact(message)),
    "order.confirmed": async (message) => record(orderFact(message)),
    "order.cancelled": async (message) => record(orderFact(message)),
    "order.refunded": async (message) => record(orderFact(message)),
    "order.expired": async (message) => record(orderFact(message)),
    "refund.succeeded": async (message) => record(refundFact(message)),
    "ticket.checked_in": async (message) => record(checkInFact(message)),
    "event.viewed": async (message) => record(...viewFacts(message)),
  };
}
