import type { OrderId, PaymentId, RefundId, ReservationId, UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Attendee, Buyer, Line, Order } from "../domain/model.ts";
import type { OrderStatus } from "../domain/states.ts";

interface OrderRow extends Record<string, SqlStorageValue> {
  id: OrderId;
  reservation_id: ReservationId;
  status: OrderStatus;
  sequence: number;
  lines: string;
  currency: string;
  subtotal_minor: number;
  discount_minor: number;
  tax_minor: number;
  fees_minor: number;
  total_minor: number;
  refunded_minor: number;
  buyer: string;
  user_id: UserId | null;
  attendees: string | null;
  answers: string;
  payment_id: PaymentId | null;
  expires_at_ms: number;
  created_at_ms: number;
  updated_at_ms: number;
  confirmed_at_ms: number | null;
}

/** Which orders have tickets that stand; word for word as the index `orders_standing` has it, or SQLite does not use that. */
export const standing = "status IN ('confirmed', 'partially_refunded')";

/** A payment that arrived for an order, and what became of it. */
export interface OrderPayment {
  readonly paymentId: PaymentId;
  readonly orderId: OrderId;
  readonly amountMinor: number;
  readonly currency: string;
  readonly outcome: "confirmed" | "refund_due";
  readonly refundedMinor: number;
}

interface PaymentRow extends Record<string, SqlStorageValue> {
  payment_id: PaymentId;
  order_id: OrderId;
  amount_minor: number;
  currency: string;
  outcome: "confirmed" | "refund_due";
  refunded_minor: number;
}

/** Orders, the payments that came for them and the refunds that went out. */
export class OrdersTable {
  readonly #sql: SqlStorage;
  /** No unpaid order expires before this moment; null when there is none. */
  #nextExpiryMs: number | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  load(): void {
    this.readNextExpiry();
  }

  /** Finds the next expiry anew. */
  readNextExpiry(): void {
    this.#nextExpiryMs = this.#sql
      .exec<{ next: number | null }>("SELECT min(expires_at_ms) AS next FROM orders WHERE status = 'pending_payment'")
      .one().next;
  }

  get nextExpiryMs(): number | null {
    return this.#nextExpiryMs;
  }

  /** Unpaid orders that are past their time, oldest first, a bounded number. */
  due(nowMs: number): Order[] {
    return this.#sql
      .exec<OrderRow>(
        "SELECT * FROM orders WHERE status = 'pending_payment' AND expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?",
        nowMs,
        limits.expiriesPerSweepMax,
      )
      .toArray()
      .map(fromRow);
  }

  /** Orders behind this one, by id, a bounded number; from the first where none is named. */
  after(id: OrderId | "", countMax: number): Order[] {
    return this.#sql
      .exec<OrderRow>("SELECT * FROM orders WHERE id > ? ORDER BY id LIMIT ?", id, countMax)
      .toArray()
      .map(fromRow);
  }

  find(id: OrderId): Order | null {
    const [row] = this.#sql.exec<OrderRow>("SELECT * FROM orders WHERE id = ?", id).toArray();
    return row === undefined ? null : fromRow(row);
  }

  insert(order: Order): void {
    this.#sql.exec(
      `INSERT INTO orders (id, reservation_id, status, sequence, lines, currency, subtotal_minor, discount_minor, tax_minor,
         fees_minor, total_minor, refunded_minor, buyer, user_id, attendees, answers, payment_id, expires_at_ms, created_at_ms,
         updated_at_ms, confirmed_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      order.id,
      order.reservationId,
      order.status,
      order.sequence,
      JSON.stringify(order.lines),
      order.currency,
      order.subtotalMinor,
      order.discountMinor,
      order.taxMinor,
      order.feesMinor,
      order.totalMinor,
      order.refundedMinor,
      JSON.stringify(order.buyer),
      order.userId,
      order.attendees === null ? null : JSON.stringify(order.attendees),
      JSON.stringify(order.answers),
      order.paymentId,
      order.expiresAtMs,
      order.createdAtMs,
      order.updatedAtMs,
      order.confirmedAtMs,
    );
    this.#noteExpiry(order);
  }

  /** Writes what changes in an order's life. */
  update(order: Order): void {
    this.#sql.exec(
      `UPDATE orders SET status = ?, sequence = ?, refunded_minor = ?, payment_id = ?, expires_at_ms = ?, updated_at_ms = ?,
         confirmed_at_ms = ? WHERE id = ?`,
      order.status,
      order.sequence,
      order.refundedMinor,
      order.paymentId,
      order.expiresAtMs,
      order.updatedAtMs,
      order.confirmedAtMs,
      order.id,
    );
    this.#noteExpiry(order);
  }

  /** Writes what an order says of persons; together with {@link update}. */
  updatePersons(order: Order): void {
    this.#sql.exec(
      "UPDATE orders SET buyer = ?, user_id = ?, attendees = ?, answers = ? WHERE id = ?",
      JSON.stringify(order.buyer),
      order.userId,
      order.attendees === null ? null : JSON.stringify(order.attendees),
      JSON.stringify(order.answers),
      order.id,
    );
  }

  /** Orders whose tickets stand, all or some; counted in the index of them. */
  countStanding(): number {
    return this.#sql.exec<{ n: number }>(`SELECT count(*) AS n FROM orders WHERE ${standing}`).one().n;
  }

  /** Orders that wait for their payment. */
  countOpen(nowMs: number): number {
    return this.#sql
      .exec<{ n: number }>(
        "SELECT count(*) AS n FROM orders WHERE status = 'pending_payment' AND expires_at_ms > ?",
        nowMs,
      )
      .one().n;
  }

  findPayment(id: PaymentId): OrderPayment | null {
    const [row] = this.#sql.exec<PaymentRow>("SELECT * FROM order_payments WHERE payment_id = ?", id).toArray();
    return row === undefined ? null : paymentFromRow(row);
  }

  paymentsOf(orderId: OrderId): OrderPayment[] {
    return this.#sql
      .exec<PaymentRow>("SELECT * FROM order_payments WHERE order_id = ? ORDER BY payment_id", orderId)
      .toArray()
      .map(paymentFromRow);
  }

  insertPayment(payment: OrderPayment, nowMs: number): void {
    this.#sql.exec(
      `INSERT INTO order_payments (payment_id, order_id, amount_minor, currency, outcome, at_ms, refunded_minor)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
      payment.paymentId,
      payment.orderId,
      payment.amountMinor,
      payment.currency,
      payment.outcome,
      nowMs,
      payment.refundedMinor,
    );
  }

  addRefundToPayment(id: PaymentId, amountMinor: number): void {
    this.#sql.exec(
      "UPDATE order_payments SET refunded_minor = refunded_minor + ? WHERE payment_id = ?",
      amountMinor,
      id,
    );
  }

  hasRefund(id: RefundId): boolean {
    return this.#sql.exec("SELECT 1 FROM order_refunds WHERE refund_id = ?", id).toArray().length > 0;
  }

  insertRefund(id: RefundId, orderId: OrderId, amountMinor: number, nowMs: number): void {
    this.#sql.exec(
      "INSERT INTO order_refunds (refund_id, order_id, amount_minor, at_ms) VALUES (?, ?, ?, ?)",
      id,
      orderId,
      amountMinor,
      nowMs,
    );
  }

  #noteExpiry(order: Order): void {
    if (order.status !== "pending_payment") return;
    if (this.#nextExpiryMs === null || order.expiresAtMs < this.#nextExpiryMs) this.#nextExpiryMs = order.expiresAtMs;
  }
}

function paymentFromRow(row: PaymentRow): OrderPayment {
  return {
    paymentId: row.payment_id,
    orderId: row.order_id,
    amountMinor: row.amount_minor,
    currency: row.currency,
    outcome: row.outcome,
    refundedMinor: row.refunded_minor,
  };
}

// The JSON columns were written by insert() from values of the types that they are read back as.
function fromRow(row: OrderRow): Order {
  return {
    id: row.id,
    reservationId: row.reservation_id,
    status: row.status,
    sequence: row.sequence,
    lines: JSON.parse(row.lines) as Line[],
    currency: row.currency,
    subtotalMinor: row.subtotal_minor,
    discountMinor: row.discount_minor,
    taxMinor: row.tax_minor,
    feesMinor: row.fees_minor,
    totalMinor: row.total_minor,
    refundedMinor: row.refunded_minor,
    buyer: JSON.parse(row.buyer) as Buyer,
    userId: row.user_id,
    attendees: row.attendees === null ? null : (JSON.parse(row.attendees) as Attendee[]),
    answers: JSON.parse(row.answers) as Record<string, string>,
    paymentId: row.payment_id,
    expiresAtMs: row.expires_at_ms,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    confirmedAtMs: row.confirmed_at_ms,
  };
}
