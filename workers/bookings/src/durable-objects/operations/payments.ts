import type { ConfirmOutcome } from "@foyer/contracts/bookings/rpc";
import type { OrderId, PaymentId, RefundId, TicketId } from "@foyer/kernel/ids";
import type { Money } from "@foyer/kernel/money";
import { ok, type Result } from "@foyer/kernel/result";
import { decideConfirmation } from "../../domain/confirmation.ts";
import type { Order } from "../../domain/model.ts";
import { fits } from "../../domain/reservation-rules.ts";
import { canMove, move, orderMoves } from "../../domain/states.ts";
import { sweep } from "../expiry.ts";
import type { Office } from "../office.ts";
import { changeOrder, tellRefundDue } from "../order-changes.ts";
import type { OrderPayment } from "../orders-table.ts";
import { issueTickets, voidTickets } from "../ticket-changes.ts";
import { withdrawOrder } from "../withdrawal.ts";
import { currentOrder } from "./orders.ts";
import { isCancelled } from "./sale.ts";

/** The money has arrived: tickets, or the money back. Repeating it with the same payment changes nothing. */
export function confirmOrder(
  office: Office,
  input: { readonly orderId: OrderId; readonly paymentId: PaymentId; readonly paid: Money },
): Result<ConfirmOutcome> {
  const found = currentOrder(office, input.orderId);
  if (!found.ok) return found;
  const known = office.orders.findPayment(input.paymentId);
  if (known !== null && known.orderId === input.orderId) return ok({ outcome: known.outcome, alreadyApplied: true });
  const takesPlace = !isCancelled(office);
  // Of an event that will not take place an unpaid order ends here, if its turn has not come: whoever pays it gets the money back.
  const isUnpaid = found.value.status === "pending_payment";
  const order = !takesPlace && isUnpaid ? withdrawOrder(office, found.value) : found.value;
  // A late payment is turned away only once everything that time has freed is free.
  while (takesPlace && order.status === "expired" && !fits(order.lines, office.stock.pools) && sweep(office) > 0);
  const plan = decideConfirmation(order, input.paid, takesPlace && fits(order.lines, office.stock.pools));
  const outcome = plan.kind === "refund" ? "refund_due" : "confirmed";
  office.orders.insertPayment(
    {
      paymentId: input.paymentId,
      orderId: order.id,
      amountMinor: input.paid.amount,
      currency: input.paid.currency,
      outcome,
      refundedMinor: 0,
    },
    office.nowMs,
  );
  if (plan.kind !== "refund") {
    issueTickets(office, order, plan.kind === "issue_from_hold" ? "sell" : "sell_late", input.paymentId);
    return ok({ outcome, alreadyApplied: false });
  }
  const reason = takesPlace ? plan.reason : "event_cancelled";
  office.log.error("payment cannot be honoured", {
    requestId: office.requestId,
    orderId: order.id,
    paymentId: input.paymentId,
    reason,
  });
  tellRefundDue(office, order, input.paymentId, input.paid, reason);
  if (plan.orderMoves) {
    changeOrder(
      office,
      { ...order, status: move(orderMoves, order.status, "refund_due"), paymentId: input.paymentId },
      null,
    );
  }
  return ok({ outcome, alreadyApplied: false });
}

/**
 * Money went back to the buyer. A refund of the payment that the tickets were issued for voids them, all or those named; one of
 * a payment that was never honoured leaves them alone. Repeatable by the refund's id.
 */
export function recordRefund(
  office: Office,
  input: {
    readonly orderId: OrderId;
    readonly refundId: RefundId;
    readonly paymentId: PaymentId | null;
    readonly amount: Money;
    readonly ticketIds: readonly TicketId[];
  },
): Result<null> {
  const found = currentOrder(office, input.orderId);
  if (!found.ok) return found;
  const order = found.value;
  if (office.orders.hasRefund(input.refundId)) return ok(null);
  office.orders.insertRefund(input.refundId, order.id, input.amount.amount, office.nowMs);
  const payment = refundedPayment(office.orders.paymentsOf(order.id), order, input);
  if (payment !== null) office.orders.addRefundToPayment(payment.paymentId, input.amount.amount);
  const ofTheTickets = payment === null ? input.paymentId === null : payment.paymentId === order.paymentId;
  if (!ofTheTickets) return ok(null);

  const refundedMinor = order.refundedMinor + input.amount.amount;
  const whole = refundedMinor >= order.totalMinor;
  const status = whole ? "refunded" : "partially_refunded";
  const tickets = office.tickets.ofOrder(order.id);
  voidTickets(office, order, whole ? tickets : tickets.filter((ticket) => input.ticketIds.includes(ticket.id)));
  // An order that was cancelled, or whose money is due back whole, keeps its state until all of it is back.
  const moved = canMove(orderMoves, order.status, status) ? move(orderMoves, order.status, status) : order.status;
  changeOrder(office, { ...order, refundedMinor, status: moved }, "order.refunded", input.amount);
  return ok(null);
}

/**
 * Which payment a refund belongs to. Where the caller does not say, a refund without tickets that equals a payment which was
 * never honoured is taken for that one's; any other is of the payment that the tickets were issued for.
 */
function refundedPayment(
  payments: readonly OrderPayment[],
  order: Order,
  input: { readonly paymentId: PaymentId | null; readonly amount: Money; readonly ticketIds: readonly TicketId[] },
): OrderPayment | null {
  if (input.paymentId !== null) return payments.find((payment) => payment.paymentId === input.paymentId) ?? null;
  const surplus = payments.find(
    (payment) =>
      payment.outcome === "refund_due" &&
      payment.paymentId !== order.paymentId &&
      payment.refundedMinor === 0 &&
      payment.amountMinor === input.amount.amount &&
      input.ticketIds.length === 0,
  );
  return surplus ?? payments.find((payment) => payment.paymentId === order.paymentId) ?? null;
}
