import type { PersonalData } from "@foyer/auth/personal-data";
import type { CallContext, UserActor } from "@foyer/contracts/shared/actor";
import { toRfc3339 } from "@foyer/kernel/clock";
import { eventIdOf } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { ForgottenPerson } from "../domain/forgetting.ts";
import type { OrderSummary } from "../domain/order-summary.ts";
import { toLineItems } from "../domain/order-summary.ts";
import type { OrderContents } from "../durable-objects/operations/orders.ts";
import type { OrderPosition } from "../repository/orders.ts";
import { systemCall } from "./system-call.ts";

type ExportDeps = Pick<Deps, "users" | "offices" | "orders" | "clock">;

/** What is kept here of people's doings and not given: it opens what they bought, or lives for a day. */
const withheld = {
  secrets: "The secrets of orders and the codes of tickets are made when they are shown, and kept nowhere.",
  checkIns: "Each scan at the door; when a ticket was first admitted is said with the ticket.",
  idempotency: "Answers that are kept for a day, so that a request that is sent again has its effect once.",
  reservations: "Places that were held and not ordered: they say whose account it was, and nothing else.",
};

/**
 * Everything that bookings keeps about the caller: the orders of their account and those that nobody's account made under their proven address, each as
 * its box office has it, {@link limits.exportRowsMax} at most, the newest.
 */
export async function exportPersonalData(
  deps: ExportDeps,
  call: CallContext & { readonly actor: UserActor },
): Promise<Result<PersonalData>> {
  const { userId } = call.actor;
  const contacts = await deps.users.getContacts(systemCall(call.requestId), { userIds: [userId] });
  if (!contacts.ok) return contacts;
  const [contact] = contacts.value;
  if (contact === undefined) return fail("auth.invalid_token", "This account exists no more.");
  const address = contact.emailVerified ? contact.email : null;
  const { orders, isCut } = await listAll(deps, { userId, address, requestedAtMs: deps.clock.nowMs() });
  const contents = await readAll(deps, orders, call.requestId);
  if (!contents.ok) return contents;
  return ok({ orders: contents.value.map(toOrderData), cutShort: isCut ? ["orders"] : [], withheld });
}

async function listAll(
  deps: ExportDeps,
  person: ForgottenPerson,
): Promise<{ readonly orders: readonly OrderSummary[]; readonly isCut: boolean }> {
  const orders: OrderSummary[] = [];
  let after: OrderPosition | null = null;
  for (;;) {
    const page: OrderSummary[] = await deps.orders.listOfPerson(person, { limit: limits.pageSizeMax, after });
    orders.push(...page);
    const last = page.at(-1);
    if (page.length < limits.pageSizeMax || last === undefined) return { orders, isCut: false };
    if (orders.length >= limits.exportRowsMax) return { orders: orders.slice(0, limits.exportRowsMax), isCut: true };
    after = [last.createdAtMs, last.id];
  }
}

/** The orders as their box offices have them, a few offices at once. */
async function readAll(
  deps: ExportDeps,
  orders: readonly OrderSummary[],
  requestId: string,
): Promise<Result<readonly OrderContents[]>> {
  const byEvent = [
    ...Map.groupBy(
      orders.map(({ id }) => id),
      eventIdOf,
    ),
  ];
  const found: OrderContents[] = [];
  let failed: Result<never> | null = null;
  const lane = async (): Promise<void> => {
    for (let next = byEvent.shift(); next !== undefined && failed === null; next = byEvent.shift()) {
      const [eventId, orderIds] = next;
      const { result } = await deps.offices.run(eventId, "listOrderContents", { orderIds }, { requestId });
      if (result.ok) found.push(...result.value);
      else failed = result;
    }
  };
  await Promise.all(Array.from({ length: limits.boxOfficesAtOnceMax }, lane));
  return failed ?? ok(found.toSorted((left, right) => right.order.createdAtMs - left.order.createdAtMs));
}

function toOrderData({ order, tickets, event }: OrderContents) {
  const money = (amount: number) => ({ amount, currency: order.currency });
  const moment = (epochMs: number | null) => (epochMs === null ? null : toRfc3339(epochMs));
  return {
    id: order.id,
    event: { id: event.eventId, title: event.title, place: event.place, startsAt: moment(event.startsAtMs) },
    status: order.status,
    items: toLineItems(order.lines, order.currency).map((item) => ({ ...item, unitPrice: { ...item.unitPrice } })),
    total: money(order.totalMinor),
    refunded: money(order.refundedMinor),
    buyer: { ...order.buyer },
    byAccount: order.userId !== null,
    attendees: order.attendees?.map((attendee) => ({ ...attendee })) ?? [],
    answers: { ...order.answers },
    createdAt: toRfc3339(order.createdAtMs),
    updatedAt: toRfc3339(order.updatedAtMs),
    confirmedAt: moment(order.confirmedAtMs),
    tickets: tickets.map((ticket) => ({
      id: ticket.id,
      ticketTypeName: ticket.ticketTypeName,
      status: ticket.status,
      holder: { ...ticket.holder },
      checkedInAt: moment(ticket.checkedInAtMs),
    })),
  };
}
