import type {
  EventId,
  OrderId,
  OrganizationId,
  PaymentId,
  RefundId,
  TicketId,
  TicketTypeId,
  UserId,
} from "@foyer/kernel/ids";
import type { Money } from "@foyer/kernel/money";
import type { Result } from "@foyer/kernel/result";
import type { EventFacts } from "../events/rpc.ts";
import type { CallContext, HolderProof } from "../shared/actor.ts";
import type { SalesSummary, SaleTally } from "./sale-figures.ts";

/** What other workers ask of bookings. Implemented by the default entrypoint of workers/bookings. */
export interface BookingsRpc {
  /**
   * Makes the event's box office known, before the event itself is stored: ticket types can be set up from then on.
   * Repeating it with newer facts updates them; older facts are ignored.
   */
  prepareSale(call: CallContext, input: { readonly event: EventFacts }): Promise<Result<null>>;
  /** What still keeps the event from being sold: stable codes such as `bookings.no_ticket_types`; empty when ready. */
  getSaleReadiness(
    call: CallContext,
    input: { readonly eventId: EventId },
  ): Promise<Result<{ readonly missing: readonly string[] }>>;
  /** Starts the sale with the event's facts. Repeatable. */
  openSale(call: CallContext, input: { readonly event: EventFacts }): Promise<Result<null>>;
  /**
   * Stops new reservations; what is held may still be paid, until the message `event.cancelled` says that the event will not
   * take place. Repeatable.
   */
  closeSale(call: CallContext, input: { readonly eventId: EventId; readonly version: number }): Promise<Result<null>>;
  /**
   * What is owed for an order, for whoever holds it (its buyer's account, or its secret), and prolongs the hold so that
   * the payment can outlive it. `bookings.order_not_found`, `bookings.order_expired` (410), `bookings.order_not_payable`.
   */
  getPayableOrder(
    call: CallContext,
    input: { readonly orderId: OrderId; readonly proof: HolderProof; readonly holdUntilMs: number },
  ): Promise<Result<PayableOrder>>;
  /**
   * Whether this caller holds the order, and its state; nothing is changed. For reading a payment back, whatever became of
   * the order.
   */
  getOrderState(
    call: CallContext,
    input: { readonly orderId: OrderId; readonly proof: HolderProof },
  ): Promise<Result<{ readonly organizationId: OrganizationId; readonly status: OrderStatus }>>;
  /**
   * The money has arrived. Issues the tickets, takes stock again for an order that had expired, or says that the money is
   * due back. Repeatable: a second call with the same payment answers `alreadyApplied`. Never fails for lack of stock.
   */
  confirmOrder(
    call: CallContext,
    input: {
      readonly orderId: OrderId;
      readonly paymentId: PaymentId;
      readonly paid: Money;
      readonly paidAtMs: number;
    },
  ): Promise<Result<ConfirmOutcome>>;
  /**
   * Whether this caller holds a valid ticket of the event: whoever is signed in, by their account's orders, else by the order's secret. Fails with
   * `bookings.order_not_found` where they hold none.
   */
  holdsTicket(
    call: CallContext,
    input: { readonly eventId: EventId; readonly orderId?: OrderId; readonly proof: HolderProof },
  ): Promise<Result<null>>;
  /** Gives an unpaid order's stock back at once, when its payment was cancelled for good. Repeatable. */
  expireOrder(call: CallContext, input: { readonly orderId: OrderId }): Promise<Result<null>>;
  /**
   * Money went back to the buyer. Voids the named tickets (all of the order's where the refund is whole), returns their
   * stock and moves the order on. Repeatable by refund id. `paymentId` says which payment it came from: a refund of one
   * that was never honoured (paid twice, or a wrong amount) leaves the tickets alone. The payment itself must have
   * been told of by `confirmOrder` before.
   */
  recordRefund(
    call: CallContext,
    input: {
      readonly orderId: OrderId;
      readonly refundId: RefundId;
      readonly paymentId?: PaymentId;
      readonly amount: Money;
      readonly ticketIds: readonly TicketId[];
    },
  ): Promise<Result<null>>;
  /** An order with all that its confirmation mail says, for notifications. System actors only. */
  getOrderDocument(call: CallContext, input: { readonly orderId: OrderId }): Promise<Result<OrderDocument>>;
  /**
   * Ids of a person's orders, newest first: those of their account, and those that nobody's account made under their address, up to a moment. At most
   * 100, behind the last one that the caller has. From the query model, which follows the box offices within a second or so. System actors only.
   */
  listOrdersOfPerson(
    call: CallContext,
    input: {
      readonly userId: UserId;
      /** An address that they have proven to be theirs; null where there is none. */
      readonly email: string | null;
      readonly madeUntilMs: number;
      readonly after: OrderCursor | null;
    },
  ): Promise<Result<{ readonly orderIds: readonly OrderId[]; readonly next: OrderCursor | null }>>;
  /** What the event has sold and holds, from its box office. System actors only. */
  getSaleTally(call: CallContext, input: { readonly eventId: EventId }): Promise<Result<SaleTally>>;
  /**
   * As `prepareSale`, with the pools and ticket types of another event of the same organization: under new ids, in the same order, nothing of them
   * sold. Sales windows that move with an event do so with the new one; instants are moved by as much as its start is later. An event that has pools or
   * ticket types keeps them as they are. Repeatable. `bookings.event_not_found` where the other is unknown or another organization's. System actors only.
   */
  copySale(call: CallContext, input: { readonly fromEventId: EventId; readonly to: EventFacts }): Promise<Result<null>>;
  /**
   * Whether whoever calls holds a ticket of the event that admits: one of the order, proven as it is elsewhere, or without an order one of their account's.
   * `bookings.order_not_found` tells everyone else the same. On behalf of the real caller.
   */
  holdsTicket(
    call: CallContext,
    input: { readonly eventId: EventId; readonly orderId?: OrderId; readonly proof: HolderProof },
  ): Promise<Result<null>>;
  /**
   * What an organization has sold in all, and at up to 100 of its events. From the query model, which follows the box offices within a second or so. System
   * actors only.
   */
  getSalesSummary(
    call: CallContext,
    input: { readonly organizationId: OrganizationId; readonly eventIds?: readonly EventId[] },
  ): Promise<Result<SalesSummary>>;
}

/** Where a list of orders goes on: the moment and id of the last one that was given. */
export type OrderCursor = readonly [createdAtMs: number, id: string];

export const orderStatuses = [
  "pending_payment",
  "confirmed",
  "expired",
  "cancelled",
  "partially_refunded",
  "refund_due",
  "refunded",
] as const;
export type OrderStatus = (typeof orderStatuses)[number];

export interface PayableOrder {
  readonly orderId: OrderId;
  readonly eventId: EventId;
  readonly organizationId: OrganizationId;
  readonly eventTitle: string;
  readonly buyer: { readonly name: string; readonly email: string; readonly userId: UserId | null };
  readonly items: readonly {
    readonly ticketTypeId: TicketTypeId;
    readonly name: string;
    readonly quantity: number;
    readonly unitPrice: Money;
  }[];
  readonly total: Money;
  /** Until when the stock is held, epoch milliseconds. */
  readonly heldUntilMs: number;
}

export interface ConfirmOutcome {
  /** `confirmed`: tickets exist. `refund_due`: the order could not be honoured, the whole payment must go back. */
  readonly outcome: "confirmed" | "refund_due";
  readonly alreadyApplied: boolean;
}

export interface OrderDocument {
  readonly orderId: OrderId;
  readonly organizationId: OrganizationId;
  readonly event: EventFacts;
  readonly status: OrderStatus;
  /** Without an address where they were erased. */
  readonly buyer: { readonly name: string; readonly email: string; readonly userId: UserId | null };
  readonly total: Money;
  /** Shown as `X-Order-Secret`, and in the mail's link. */
  readonly secret: string;
  readonly tickets: readonly {
    readonly ticketId: TicketId;
    readonly ticketTypeName: string;
    readonly holderName: string;
    /** The signed code that the door scans. */
    readonly code: string;
  }[];
}
