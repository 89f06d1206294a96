import type { OrderId, PaymentId, ReservationId } from "@foyer/kernel/ids";
import fc from "fast-check";

/**
 * A plain model of the sale beside the real object in workerd: the same steps on both, and after each the books must balance
 * and both must agree. The model knows nothing of batches, caches, SQL or alarms.
 */

export interface ModelLine {
  readonly type: number;
  readonly quantity: number;
}
export interface ModelReservation {
  readonly id: ReservationId;
  status: string;
  lines: readonly ModelLine[];
  expiresAtMs: number;
  extended: boolean;
}
export interface ModelOrder {
  readonly id: OrderId;
  status: string;
  readonly lines: readonly ModelLine[];
  expiresAtMs: number;
  readonly totalMinor: number;
  refundedMinor: number;
  paymentId: PaymentId | null;
}

export const typePools: readonly (readonly number[])[] = [[0], [0, 1], [1]];
export const prices = [1_000, 500, 0];

export class Model {
  readonly pools = [
    { capacity: 8, held: 0, sold: 0 },
    { capacity: 5, held: 0, sold: 0 },
  ];
  readonly reservations: ModelReservation[] = [];
  readonly orders: ModelOrder[] = [];
  eventCancelled = false;

  fits(lines: readonly ModelLine[]): boolean {
    const wanted = this.pools.map(() => 0);
    for (const line of lines)
      for (const pool of typePools[line.type] ?? []) wanted[pool] = (wanted[pool] ?? 0) + line.quantity;
    return this.pools.every((pool, index) => pool.capacity - pool.held - pool.sold >= (wanted[index] ?? 0));
  }

  /** Whether these lines are had by whoever asks first. */
  sells(lines: readonly ModelLine[]): boolean {
    return !this.eventCancelled && this.fits(lines);
  }

  shift(lines: readonly ModelLine[], held: number, sold: number): void {
    for (const line of lines) {
      for (const index of typePools[line.type] ?? []) {
        const pool = this.pools[index];
        if (pool === undefined) continue;
        pool.held += held * line.quantity;
        pool.sold += sold * line.quantity;
      }
    }
  }

  /** What becomes of everything when the event will not take place. */
  cancelEvent(): void {
    this.eventCancelled = true;
    for (const reservation of this.reservations) {
      if (reservation.status !== "active") continue;
      reservation.status = "released";
      this.shift(reservation.lines, -1, 0);
    }
    for (const order of this.orders) {
      if (order.status === "pending_payment") this.shift(order.lines, -1, 0);
      else if (order.status === "confirmed" || order.status === "partially_refunded") this.shift(order.lines, 0, -1);
      else continue;
      order.status = "cancelled";
    }
  }

  /** What time does: everything past its moment ends. */
  tick(nowMs: number): void {
    for (const reservation of this.reservations) {
      if (reservation.status === "active" && reservation.expiresAtMs <= nowMs) {
        reservation.status = "expired";
        this.shift(reservation.lines, -1, 0);
      }
    }
    for (const order of this.orders) {
      if (order.status === "pending_payment" && order.expiresAtMs <= nowMs) {
        order.status = "expired";
        this.shift(order.lines, -1, 0);
      }
    }
  }
}

export type Counters = { id: string; capacity: number; held: number; sold: number };
export type Status = { id: string; status: string };

export function byId(things: readonly Status[]): Map<string, string> {
  return new Map(things.map(({ id, status }) => [id, status]));
}

export type Step =
  | { readonly kind: "reserve"; readonly types: readonly number[]; readonly quantity: number }
  | { readonly kind: "change"; readonly pick: number; readonly types: readonly number[]; readonly quantity: number }
  | { readonly kind: "rush"; readonly type: number; readonly count: number }
  | { readonly kind: "extend" | "release" | "order"; readonly pick: number }
  | { readonly kind: "pay"; readonly pick: number; readonly way: "right" | "wrong amount" | "again" }
  | { readonly kind: "payable" | "expireOrder" | "cancel"; readonly pick: number }
  | { readonly kind: "refund"; readonly pick: number; readonly whole: boolean }
  | { readonly kind: "checkIn"; readonly pick: number; readonly direction: "in" | "out" }
  | { readonly kind: "capacity"; readonly pool: number; readonly value: number }
  | { readonly kind: "wait"; readonly seconds: number }
  | { readonly kind: "evict" | "alarm" | "broken call" | "cancelEvent" };

const pick = fc.nat(20);
export const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("reserve" as const),
      types: fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 2 }),
      quantity: fc.integer({ min: 1, max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("rush" as const),
      type: fc.nat(2),
      count: fc.integer({ min: 2, max: 8 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("change" as const),
      pick,
      types: fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 2 }),
      quantity: fc.integer({ min: 1, max: 4 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("extend" as const, "release" as const), pick }) },
  { weight: 6, arbitrary: fc.record({ kind: fc.constant("order" as const), pick }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("pay" as const),
      pick,
      way: fc.constantFrom(
        "right" as const,
        "right" as const,
        "right" as const,
        "wrong amount" as const,
        "again" as const,
      ),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constantFrom("payable" as const, "expireOrder" as const, "cancel" as const),
      pick,
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("refund" as const), pick, whole: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("checkIn" as const),
      pick,
      direction: fc.constantFrom("in" as const, "out" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("capacity" as const), pool: fc.nat(1), value: fc.nat(12) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("wait" as const), seconds: fc.constantFrom(1, 299, 301, 601, 1_900) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constantFrom("evict" as const, "alarm" as const, "broken call" as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("cancelEvent" as const) }) },
);
