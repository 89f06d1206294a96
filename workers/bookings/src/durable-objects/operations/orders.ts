import type { PayableOrder } from "@foyer/contracts/bookings/rpc";
import type { EventFacts } from "@foyer/contracts/events/rpc";
import { secondMs } from "@foyer/kernel/clock";
import { newSaleId, type OrderId, type OrganizationId, type ReservationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { type Attendee, type Buyer, type Holder, isHeldBy, type Order, type Ticket } from "../../domain/model.ts";
import { priceLines } from "../../domain/pricing.ts";
import { move, type OrderStatus, reservationMoves } from "../../domain/states.ts";
import { expireOrder as expire } from "../expiry.ts";
import type { Office } from "../office.ts";
import { changeOrder, tellOfOrder } from "../order-changes.ts";
import { issueTickets } from "../ticket-changes.ts";
import { findActive } from "./reservations.ts";
import { isCancelled } from "./sale.ts";

export interface PlaceOrderInput {
  readonly reservationId: ReservationId;
  readonly holder: Holder;
  readonly buyer: Buyer;
  readonly attendees: readonly Attendee[] | null;
  readonly answers: Readonly<Record<string, string>>;
}

/** Turns a reservation into an order. Its places stay held; a total of zero confirms at once. */
export function placeOrder(office: Office, input: PlaceOrderInput): Result<Order> {
  const found = findActive(office, input);
  if (!found.ok) return found;
  if (isCancelled(office)) return fail("bookings.not_on_sale", "The event is cancelled.");
  const reservation = found.value;
  const tickets = reservation.lines.reduce((sum, line) => sum + line.quantity, 0);
  if (input.attendees !== null && input.attendees.length !== tickets) {
    return fail("bookings.attendees_mismatch", `Name ${tickets} attendees, one for each ticket, or none.`, {
      errors: [{ path: "attendees", code: "length", message: `Exactly ${tickets}` }],
    });
  }
  const amounts = priceLines(reservation.lines);
  if (!amounts.ok) return amounts;
  const id = newSaleId("order", office.eventId, office.nowMs, office.random);
  const order: Order = {
    id,
    reservationId: reservation.id,
    status: "pending_payment",
    sequence: 1,
    lines: reservation.lines,
    currency: reservation.currency,
    ...amounts.value,
    refundedMinor: 0,
    buyer: input.buyer,
    userId: input.holder.userId ?? reservation.userId,
    attendees: input.attendees,
    answers: input.answers,
    paymentId: null,
    // A reservation is turned once, so this is the one time that an order's clock starts anew.
    expiresAtMs: office.nowMs + office.holdMs,
    createdAtMs: office.nowMs,
    updatedAtMs: office.nowMs,
    confirmedAtMs: null,
  };
  office.reservations.update({
    ...reservation,
    status: move(reservationMoves, reservation.status, "converted"),
    orderId: id,
  });
  office.orders.insert(order);
  tellOfOrder(office, order, "order.created");
  return ok(order.totalMinor === 0 ? issueTickets(office, order, "sell", null) : order);
}

export interface OrderInput {
  readonly orderId: OrderId;
  readonly holder: Holder;
}

export function getOrder(office: Office, input: OrderInput): Result<Order> {
  return findOrder(office, input);
}

/** What is owed for an order; its places are held until `holdUntilMs`, within limits. */
export function getPayableOrder(
  office: Office,
  input: OrderInput & { readonly holdUntilMs: number },
): Result<PayableOrder> {
  const found = findOrder(office, input);
  if (!found.ok) return found;
  const order = found.value;
  if (order.status === "expired") return fail("bookings.order_expired", "The order has expired; reserve again.");
  if (order.status !== "pending_payment" || isCancelled(office)) {
    return fail("bookings.order_not_payable", "Nothing is to be paid for this order.");
  }
  const holdUntilMs = Math.min(
    input.holdUntilMs,
    office.nowMs + limits.paymentHoldSeconds * secondMs,
    order.createdAtMs + limits.orderHoldSecondsMax * secondMs,
  );
  const held =
    holdUntilMs > order.expiresAtMs ? changeOrder(office, { ...order, expiresAtMs: holdUntilMs }, null) : order;
  return ok({
    orderId: held.id,
    ...office.scope,
    eventTitle: office.sale.facts.title,
    buyer: { ...held.buyer, userId: held.userId },
    items: held.lines.map((line) => ({
      ticketTypeId: line.ticketTypeId,
      name: line.name,
      quantity: line.quantity,
      unitPrice: { amount: line.unitMinor, currency: held.currency },
    })),
    total: { amount: held.totalMinor, currency: held.currency },
    heldUntilMs: held.expiresAtMs,
  });
}

/** An order's state for its holder; nothing else is told. */
export function getOrderState(
  office: Office,
  input: OrderInput,
): Result<{ readonly organizationId: OrganizationId; readonly status: OrderStatus }> {
  const found = findOrder(office, input);
  return found.ok ? ok({ organizationId: office.scope.organizationId, status: found.value.status }) : found;
}

/** Gives an unpaid order's places back now. Repeatable; an order that is past that stays as it is. */
export function expireOrder(office: Office, input: { readonly orderId: OrderId }): Result<null> {
  const found = currentOrder(office, input.orderId);
  if (!found.ok) return found;
  if (found.value.status === "pending_payment") expire(office, found.value);
  return ok(null);
}

/** An order that this caller holds. */
export function findOrder(office: Office, input: OrderInput): Result<Order> {
  const found = currentOrder(office, input.orderId);
  return found.ok && isHeldBy(found.value.userId, input.holder) ? found : orderNotFound();
}

/** An order as it is now: an unpaid one past its time ends here, whether or not the alarm came. */
export function currentOrder(office: Office, id: OrderId): Result<Order> {
  const order = office.preparedSale === null ? null : office.orders.find(id);
  if (order === null) return orderNotFound();
  const due = order.status === "pending_payment" && order.expiresAtMs <= office.nowMs;
  return ok(due ? expire(office, order) : order);
}

/** The one answer to whoever holds no such order. */
export function orderNotFound(): ReturnType<typeof fail> {
  return fail("bookings.order_not_found", "There is no such order.");
}

/** All that there is of an order: what its confirmation mail says, without the secrets that the worker adds, and what lists show. */
export interface OrderContents {
  readonly order: Order;
  readonly tickets: readonly Ticket[];
  readonly event: EventFacts;
}

/** An order with its tickets and its event's facts, without proof of a holder. */
export function getOrderContents(office: Office, input: { readonly orderId: OrderId }): Result<OrderContents> {
  const found = currentOrder(office, input.orderId);
  if (!found.ok) return found;
  return ok({ order: found.value, tickets: office.tickets.ofOrder(input.orderId), event: office.sale.facts });
}

/** Several orders with their tickets, for the person who bought them; orders that are not here are left out. */
export function listOrderContents(
  office: Office,
  input: { readonly orderIds: readonly OrderId[] },
): Result<readonly OrderContents[]> {
  return ok(
    input.orderIds.flatMap((orderId) => {
      const found = getOrderContents(office, { orderId });
      return found.ok ? [found.value] : [];
    }),
  );
}
