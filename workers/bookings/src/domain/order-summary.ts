import type { EventId, OrderId, OrganizationId, TicketTypeId, UserId } from "@foyer/kernel/ids";
import type { Money } from "@foyer/kernel/money";
import type { Buyer, Line, Order, Ticket } from "./model.ts";
import { isAdmitting, type OrderStatus } from "./states.ts";

/** A position as it is shown. */
export interface LineItem {
  readonly ticketTypeId: TicketTypeId;
  readonly name: string;
  readonly quantity: number;
  readonly unitPrice: Money;
}

/** An order as lists show it. */
export interface OrderSummary {
  readonly id: OrderId;
  readonly eventId: EventId;
  readonly organizationId: OrganizationId;
  readonly userId: UserId | null;
  readonly status: OrderStatus;
  readonly sequence: number;
  readonly items: readonly LineItem[];
  /** Tickets of it that admit somebody, or have. */
  readonly ticketCount: number;
  readonly totalMinor: number;
  readonly refundedMinor: number;
  readonly currency: string;
  readonly buyer: Buyer;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

/** Lines without what only the box office needs. */
export function toLineItems(lines: readonly Line[], currency: string): LineItem[] {
  return lines.map((line) => ({
    ticketTypeId: line.ticketTypeId,
    name: line.name,
    quantity: line.quantity,
    unitPrice: { amount: line.unitMinor, currency },
  }));
}

/** What lists need of an order. */
export function summarize(
  { order, tickets }: { readonly order: Order; readonly tickets: readonly Pick<Ticket, "status">[] },
  scope: { readonly eventId: EventId; readonly organizationId: OrganizationId },
): OrderSummary {
  const { id, status, sequence, currency, totalMinor, refundedMinor, buyer, userId, createdAtMs, updatedAtMs } = order;
  return {
    id,
    eventId: scope.eventId,
    organizationId: scope.organizationId,
    userId,
    status,
    sequence,
    items: toLineItems(order.lines, currency),
    ticketCount: tickets.filter((ticket) => isAdmitting(ticket.status)).length,
    totalMinor,
    refundedMinor,
    currency,
    buyer,
    createdAtMs,
    updatedAtMs,
  };
}
