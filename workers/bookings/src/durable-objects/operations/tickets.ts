import type { OrderId, TicketId, UserId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { type Holder, isHeldBy, type Order, type Ticket } from "../../domain/model.ts";
import { isAdmitting } from "../../domain/states.ts";
import type { Office } from "../office.ts";
import { currentOrder, findOrder, type OrderInput, orderNotFound } from "./orders.ts";

export interface TicketWithOrder {
  readonly ticket: Ticket;
  readonly order: Order;
}

/** A ticket and its order, without proof of a holder: the caller checks the order's secret. */
export function getTicket(
  office: Office,
  input: { readonly ticketId: TicketId; readonly holder: Holder },
): Result<TicketWithOrder> {
  const ticket = office.preparedSale === null ? null : office.tickets.find(input.ticketId);
  const order = ticket === null ? null : office.orders.find(ticket.orderId);
  if (ticket === null || order === null || !isHeldBy(order.userId, input.holder)) return ticketNotFound();
  return ok({ ticket, order });
}

/** Which order a ticket belongs to, so that the order's secret can be checked before the ticket is read. */
export function getOrderOfTicket(office: Office, input: { readonly ticketId: TicketId }): Result<OrderId> {
  const ticket = office.preparedSale === null ? null : office.tickets.find(input.ticketId);
  return ticket === null ? ticketNotFound() : ok(ticket.orderId);
}

/** Tickets of an order that this caller holds. */
export function listTickets(office: Office, input: OrderInput): Result<readonly Ticket[]> {
  const found = findOrder(office, input);
  return found.ok ? ok(office.tickets.ofOrder(input.orderId)) : found;
}

/** Tickets of any order, for members of the organization. */
export function listAnyTickets(office: Office, input: { readonly orderId: OrderId }): Result<readonly Ticket[]> {
  const found = currentOrder(office, input.orderId);
  return found.ok ? ok(office.tickets.ofOrder(input.orderId)) : found;
}

/** Whether this caller holds a ticket of the order that admits; nothing else is told. */
export function hasTicketOfOrder(office: Office, input: OrderInput): Result<null> {
  const found = findOrder(office, input);
  if (!found.ok) return found;
  const admits = office.tickets.ofOrder(input.orderId).some(({ status }) => isAdmitting(status));
  return admits ? ok(null) : orderNotFound();
}

/** Whether an account has ordered a ticket that admits. */
export function hasTicketOfUser(office: Office, input: { readonly userId: UserId }): Result<null> {
  const admits = office.preparedSale !== null && office.tickets.admitsUser(input.userId);
  return admits ? ok(null) : orderNotFound();
}

function ticketNotFound(): ReturnType<typeof fail> {
  return fail("bookings.ticket_not_found", "There is no such ticket.");
}
