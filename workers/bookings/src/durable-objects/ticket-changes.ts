import { required } from "@foyer/kernel/assert";
import { newSaleId, type PaymentId } from "@foyer/kernel/ids";
import type { Line, Order, Ticket } from "../domain/model.ts";
import { canMove, move, orderMoves, ticketMoves } from "../domain/states.ts";
import type { Office } from "./office.ts";
import { changeOrder } from "./order-changes.ts";

/** Confirms an order: its places are sold, from the hold or from what is free, and a ticket exists for each. */
export function issueTickets(
  office: Office,
  order: Order,
  from: "sell" | "sell_late",
  paymentId: PaymentId | null,
): Order {
  office.stock.move(from, order.lines, order.id, office.nowMs);
  const tickets: Ticket[] = [];
  for (const line of order.lines) {
    for (let count = 0; count < line.quantity; count += 1) {
      tickets.push({
        id: newSaleId("ticket", office.eventId, office.nowMs, office.random),
        orderId: order.id,
        ticketTypeId: line.ticketTypeId,
        ticketTypeName: line.name,
        status: "valid",
        codeVersion: 1,
        version: 1,
        holder: order.attendees?.[tickets.length] ?? { name: order.buyer.name, email: null },
        checkedInAtMs: null,
      });
    }
  }
  office.tickets.insert(tickets);
  return changeOrder(
    office,
    {
      ...order,
      status: move(orderMoves, order.status, "confirmed"),
      paymentId,
      confirmedAtMs: office.nowMs,
    },
    "order.confirmed",
  );
}

/** Voids tickets of an order, those that can still be, and returns their places. */
export function voidTickets(office: Office, order: Order, tickets: readonly Ticket[]): void {
  const returned = new Map<Line, number>();
  for (const ticket of tickets) {
    if (!canMove(ticketMoves, ticket.status, "void")) continue;
    office.tickets.update(ticket, {
      ...ticket,
      status: move(ticketMoves, ticket.status, "void"),
      version: ticket.version + 1,
    });
    const line = required(
      order.lines.find((candidate) => candidate.ticketTypeId === ticket.ticketTypeId),
      "a ticket belongs to a line of its order",
    );
    returned.set(line, (returned.get(line) ?? 0) + 1);
  }
  const lines = [...returned].map(([line, quantity]) => ({ ...line, quantity }));
  if (lines.length > 0) office.stock.move("return", lines, order.id, office.nowMs);
}
