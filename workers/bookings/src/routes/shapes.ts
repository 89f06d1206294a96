import { toRfc3339 } from "@foyer/kernel/clock";
import { type EventId, eventIdOf, type OrganizationId, type PoolId } from "@foyer/kernel/ids";
import type { Money } from "@foyer/kernel/money";
import type { EventKeys } from "../clients/event-keys.ts";
import { freeIn } from "../domain/availability.ts";
import type { Order, Pool, Reservation, Ticket } from "../domain/model.ts";
import { type OrderSummary, toLineItems } from "../domain/order-summary.ts";
import type { SalesMoment } from "../domain/sales-window.ts";
import { admittingStatuses, isAdmitting } from "../domain/states.ts";
import type { CheckInAnswer } from "../durable-objects/operations/check-ins.ts";
import type { TicketTypeView } from "../durable-objects/operations/ticket-types.ts";
import type { Tally } from "../durable-objects/tickets-table.ts";

function timeOf(epochMs: number | null): string | null {
  return epochMs === null ? null : toRfc3339(epochMs);
}

function momentOf(moment: SalesMoment | null) {
  return typeof moment === "number" ? toRfc3339(moment) : moment;
}

export function poolBody(pool: Pool, eventId: EventId) {
  const { id, name, capacity, held, sold } = pool;
  return { id, eventId, name, capacity, held, sold, available: freeIn(pool) };
}

/** A ticket type; its access code is for members of the organization. */
export function ticketTypeBody(
  { type, price, capacity, available, opensAtMs, closesAtMs }: TicketTypeView,
  eventId: EventId,
  forMember: boolean,
) {
  return {
    id: type.id,
    eventId,
    name: type.name,
    description: type.description,
    kind: type.kind,
    price,
    poolIds: [...type.poolIds] as PoolId[],
    capacity,
    available,
    minPerOrder: type.minPerOrder,
    maxPerOrder: type.maxPerOrder,
    salesStartAt: momentOf(type.salesStart),
    salesEndAt: momentOf(type.salesEnd),
    salesOpensAt: timeOf(opensAtMs),
    salesClosesAt: timeOf(closesAtMs),
    visibility: type.visibility,
    ...(forMember ? { accessCode: type.accessCode } : {}),
  };
}

export function reservationBody(reservation: Reservation) {
  const { id, status, lines, currency } = reservation;
  return {
    id,
    eventId: eventIdOf(id),
    status,
    items: toLineItems(lines, currency),
    total: { amount: lines.reduce((sum, line) => sum + line.unitMinor * line.quantity, 0), currency },
    expiresAt: toRfc3339(reservation.expiresAtMs),
    extendable: status === "active" && !reservation.extended,
    orderId: reservation.orderId,
  };
}

export function orderBody(order: Order) {
  const money = (amount: number): Money => ({ amount, currency: order.currency });
  return {
    id: order.id,
    eventId: eventIdOf(order.id),
    reservationId: order.reservationId,
    status: order.status,
    items: toLineItems(order.lines, order.currency),
    subtotal: money(order.subtotalMinor),
    discount: money(order.discountMinor),
    tax: money(order.taxMinor),
    fees: money(order.feesMinor),
    total: money(order.totalMinor),
    refunded: money(order.refundedMinor),
    buyer: order.buyer,
    answers: order.answers,
    expiresAt: order.status === "pending_payment" ? toRfc3339(order.expiresAtMs) : null,
    createdAt: toRfc3339(order.createdAtMs),
    confirmedAt: timeOf(order.confirmedAtMs),
  };
}

export function orderSummaryBody(order: OrderSummary & { readonly organizationId: OrganizationId }) {
  return {
    id: order.id,
    eventId: order.eventId,
    status: order.status,
    items: [...order.items],
    total: { amount: order.totalMinor, currency: order.currency },
    refunded: { amount: order.refundedMinor, currency: order.currency },
    buyer: order.buyer,
    createdAt: toRfc3339(order.createdAtMs),
    updatedAt: toRfc3339(order.updatedAtMs),
  };
}

/** A ticket with its code, which is computed here and stored nowhere. */
export async function ticketBody(ticket: Ticket, keys: EventKeys) {
  return {
    id: ticket.id,
    eventId: eventIdOf(ticket.id),
    orderId: ticket.orderId,
    ticketTypeId: ticket.ticketTypeId,
    ticketTypeName: ticket.ticketTypeName,
    status: ticket.status,
    holderName: ticket.holder.name,
    code: isAdmitting(ticket.status) ? await keys.sign({ ticketId: ticket.id, codeVersion: ticket.codeVersion }) : null,
    checkedInAt: timeOf(ticket.checkedInAtMs),
  };
}

export function checkInBody({ result, ticket, checkedInAtMs }: CheckInAnswer) {
  return { result, ticket, checkedInAt: timeOf(checkedInAtMs) };
}

/** Figures of the door from the counters of tickets by type and state. */
export function checkInStatsBody(tallies: readonly Tally[], names: Readonly<Record<string, string>>) {
  const byType = Map.groupBy(tallies, (tally) => tally.ticketTypeId);
  const countOf = (rows: readonly Tally[], ...statuses: Ticket["status"][]) =>
    rows.reduce((sum, row) => sum + (statuses.includes(row.status) ? row.count : 0), 0);
  const figures = (rows: readonly Tally[]) => ({
    total: countOf(rows, ...admittingStatuses),
    checkedIn: countOf(rows, "checked_in"),
    checkedOut: countOf(rows, "checked_out"),
  });
  return {
    ...figures(tallies),
    ticketTypes: [...byType].map(([id, rows]) => ({ id, name: names[id] ?? "", ...figures(rows) })),
  };
}
