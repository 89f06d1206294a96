import type { OrderId, TicketId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { type Holder, isHeldBy, type Order, type Ticket } from "../../domain/model.ts";
import type { Office } from "../office.ts";
import { currentOrder, findOrder, type OrderInput } from "./orders.ts";

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

function ticketNotFound(): ReturnType<typeof fail> {
  return fail("bookings.ticket_not_found", "There is no such ticket.");
}
