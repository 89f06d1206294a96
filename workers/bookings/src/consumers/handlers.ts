import type { EventFacts } from "@foyer/contracts/events/rpc";
import type { PublicEvent } from "@foyer/contracts/messages/catalog";
import type { EventId, OrganizationId } from "@foyer/kernel/ids";
import type { Result } from "@foyer/kernel/result";
import type { Handlers } from "@foyer/messaging/consumer";
import { newMessage } from "@foyer/messaging/message";
import { outboxStatements } from "@foyer/messaging/outbox-d1";
import type { Deps } from "../deps.ts";
import { summarize } from "../domain/order-summary.ts";
import type { ClosingStatus } from "../durable-objects/operations/sale.ts";
import { forgetLateOrder, forgetPerson } from "../service/forget-person.ts";

interface Closed {
  readonly eventId: EventId;
  readonly version: number;
}

/** What bookings does with messages. Every effect is by version or sequence, so that repetition and old news change nothing. */
export function bookingsHandlers(deps: Deps): Handlers {
  const { offices, orders, db, clock } = deps;

  /** A failure of the object is thrown: the message comes again. */
  function expectOk<T>(result: Result<T>): T {
    if (result.ok) return result.value;
    throw new Error(`${result.error.code}: ${result.error.detail}`);
  }

  async function close(event: Closed, requestId: string, why: { status?: ClosingStatus; note?: string | null } = {}) {
    expectOk((await offices.run(event.eventId, "closeSale", { version: event.version, ...why }, { requestId })).result);
    return [];
  }

  return {
    "event.published": async ({ payload, requestId }) => {
      const event = factsOf(payload.event);
      expectOk((await offices.run(event.eventId, "openSale", { event }, { requestId })).result);
      return [];
    },
    "event.updated": async ({ payload, requestId }) => {
      const event = factsOf(payload.event);
      expectOk((await offices.run(event.eventId, "prepareSale", { event }, { requestId })).result);
      return [];
    },
    "event.unpublished": ({ payload, requestId }) => close(payload, requestId),
    "event.postponed": ({ payload, requestId }) =>
      close(payload, requestId, { status: "postponed", note: payload.note ?? null }),
    "event.cancelled": ({ payload, requestId }) =>
      close(payload, requestId, { status: "cancelled", note: payload.note }),
    "event.completed": ({ payload, requestId }) => close(payload, requestId, { status: "completed" }),
    "event.deleted": ({ payload, requestId }) => close(payload, requestId),
    "event.notice_due": async ({ payload, requestId }) => {
      const { eventId, notice, version } = payload;
      expectOk((await offices.run(eventId, "beginNotice", { notice, version }, { requestId })).result);
      return [];
    },
    "order.changed": async ({ payload, requestId }) => {
      const { eventId, organizationId, orderId } = payload;
      const found = expectOk((await offices.run(eventId, "getOrderContents", { orderId }, { requestId })).result);
      // The order's own news of that follow, and are what is stored.
      if (await forgetLateOrder(deps, found.order, requestId)) return [];
      return [orders.upsert(summarize(found, { eventId, organizationId }))];
    },
    "user.erasure_due": async ({ payload, requestId }) => {
      const { userId } = payload;
      await forgetPerson(deps, { userId, requestId });
      const nowMs = clock.nowMs();
      const answer = newMessage(
        "user.erased",
        { userId, worker: "bookings" },
        { source: "bookings", requestId, nowMs },
      );
      return outboxStatements(db, [answer], nowMs);
    },
  };
}

function factsOf(event: PublicEvent): EventFacts {
  return {
    eventId: event.eventId,
    organizationId: event.organizationId satisfies OrganizationId,
    version: event.version,
    status: "published",
    slug: event.slug,
    title: event.title,
    startsAtMs: event.startsAtMs,
    endsAtMs: event.endsAtMs,
    timezone: event.timezone,
    place: event.place,
    accessVersion: event.accessVersion,
    note: null,
  };
}
