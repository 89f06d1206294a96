import { newId, type PoolId, type ReservationId, type TicketTypeId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import {
  byId,
  type Counters,
  Model,
  type ModelLine,
  type ModelOrder,
  type ModelReservation,
  prices,
  type Status,
  type Step,
  step,
  typePools,
} from "./model.ts";
import { auditBooks, proven, TestOffice } from "./test-office.ts";

/** The sale under test: the object, its model, and the ids that both go by. */
class Run {
  readonly model = new Model();
  readonly office: TestOffice;
  readonly pools: readonly PoolId[];
  readonly types: readonly TicketTypeId[];

  constructor(office: TestOffice, pools: readonly PoolId[], types: readonly TicketTypeId[]) {
    this.office = office;
    this.pools = pools;
    this.types = types;
  }

  static async start(): Promise<Run> {
    const office = await TestOffice.open();
    const pools = [await office.addPool(8), await office.addPool(5)];
    const types: TicketTypeId[] = [];
    for (const [index, draws] of typePools.entries()) {
      const amount = prices[index] ?? 0;
      types.push(
        await office.addType({
          kind: amount === 0 ? "free" : "paid",
          price: amount === 0 ? null : { amount, currency: "EUR" },
          poolIds: draws.flatMap((pool) => pools[pool] ?? []),
        }),
      );
    }
    return new Run(office, pools, types);
  }

  async reserve(lines: readonly ModelLine[]): Promise<void> {
    const { result } = await this.office.ask("reserve", {
      items: lines.map(({ type, quantity }) => ({ ticketTypeId: this.type(type), quantity })),
      accessCode: null,
      userId: null,
    });
    const refusal = this.model.eventCancelled ? "bookings.not_on_sale" : "bookings.sold_out";
    expect(result.ok ? "held" : result.error.code).toBe(this.model.sells(lines) ? "held" : refusal);
    if (result.ok) this.hold(result.value.id, lines);
  }

  hold(id: ReservationId, lines: readonly ModelLine[]): void {
    this.model.shift(lines, 1, 0);
    this.model.reservations.push({
      id,
      status: "active",
      lines,
      expiresAtMs: this.office.nowMs + limits.reservationTtlSeconds * 1_000,
      extended: false,
    });
  }

  async rush(type: number, count: number): Promise<void> {
    const lines = [{ type, quantity: 1 }];
    const answers = await Promise.all(Array.from({ length: count }, () => this.office.reserve(this.type(type))));
    for (const { result } of answers) {
      if (!result.ok) continue;
      expect(this.model.sells(lines), "an accepted hold has a place").toBe(true);
      this.hold(result.value.id, lines);
    }
    const refused = answers.some(({ result }) => !result.ok);
    if (refused) expect(this.model.sells(lines), "nobody is refused while there is a place").toBe(false);
  }

  async placeOrder(reservation: ModelReservation): Promise<void> {
    const { result } = await this.office.ask("placeOrder", {
      reservationId: reservation.id,
      holder: proven,
      buyer: { name: "Buyer One", email: "buyer@example.com" },
      attendees: null,
      answers: {},
    });
    expect(result.ok).toBe(reservation.status === "active");
    if (!result.ok) return;
    reservation.status = "converted";
    const totalMinor = reservation.lines.reduce((sum, line) => sum + (prices[line.type] ?? 0) * line.quantity, 0);
    const order: ModelOrder = {
      id: result.value.id,
      status: "pending_payment",
      lines: reservation.lines,
      expiresAtMs: this.office.nowMs + limits.reservationTtlSeconds * 1_000,
      totalMinor,
      refundedMinor: 0,
      paymentId: null,
    };
    if (totalMinor === 0) {
      this.model.shift(order.lines, -1, 1);
      order.status = "confirmed";
    }
    this.model.orders.push(order);
  }

  async pay(order: ModelOrder, way: "right" | "wrong amount" | "again"): Promise<void> {
    const again = way === "again" && order.paymentId !== null;
    const paymentId = again && order.paymentId !== null ? order.paymentId : newId("payment", Date.now());
    const outcome = await this.office.must("confirmOrder", {
      orderId: order.id,
      paymentId,
      paid: { amount: order.totalMinor + (way === "wrong amount" ? 1 : 0), currency: "EUR" },
    });
    expect(outcome.alreadyApplied).toBe(again);
    if (again) return;
    const payable = order.status === "pending_payment" || order.status === "expired";
    if (!payable || way === "wrong amount") {
      expect(outcome.outcome).toBe("refund_due");
      return;
    }
    const confirmed = order.status === "pending_payment" || this.model.sells(order.lines);
    expect(outcome.outcome).toBe(confirmed ? "confirmed" : "refund_due");
    order.paymentId = paymentId;
    if (confirmed) this.model.shift(order.lines, order.status === "pending_payment" ? -1 : 0, 1);
    order.status = confirmed ? "confirmed" : "refund_due";
  }

  async cancel(order: ModelOrder): Promise<void> {
    const { result } = await this.office.ask("cancelAnyOrder", { orderId: order.id, refundRefusal: null });
    expect(result.ok).toBe(["pending_payment", "confirmed", "cancelled"].includes(order.status));
    if (!result.ok) return;
    if (order.status === "pending_payment") this.model.shift(order.lines, -1, 0);
    if (order.status === "confirmed") this.model.shift(order.lines, 0, -1);
    order.status = "cancelled";
  }

  async refund(order: ModelOrder, whole: boolean): Promise<void> {
    if (order.paymentId === null || order.refundedMinor >= order.totalMinor) return;
    const rest = order.totalMinor - order.refundedMinor;
    const amount = whole ? rest : Math.min(rest, 1);
    const input = {
      orderId: order.id,
      refundId: newId("refund", Date.now()),
      paymentId: order.paymentId,
      amount: { amount, currency: "EUR" },
      ticketIds: [],
    };
    await this.office.must("recordRefund", input);
    await this.office.must("recordRefund", input); // once more, which changes nothing
    order.refundedMinor += amount;
    const complete = order.refundedMinor >= order.totalMinor;
    if (order.status === "cancelled" || (order.status === "refund_due" && !complete)) return;
    if (complete && order.status !== "refund_due") this.model.shift(order.lines, 0, -1);
    order.status = complete ? "refunded" : "partially_refunded";
  }

  async checkIn(order: ModelOrder, direction: "in" | "out"): Promise<void> {
    const [ticket] = await this.office.must("listAnyTickets", { orderId: order.id });
    if (ticket === undefined) return;
    const { result } = await this.office.must("checkIn", {
      ticketId: ticket.id,
      codeVersion: ticket.codeVersion,
      direction,
      nonce: null,
      scannedAtMs: null,
      scannedBy: "door",
    });
    const inside = ticket.status === "checked_in";
    const expected =
      ticket.status === "void"
        ? "void"
        : direction === "in"
          ? inside
            ? "already_checked_in"
            : "admitted"
          : inside
            ? "checked_out"
            : "not_checked_in";
    expect(result).toBe(expected);
  }

  async cancelEvent(): Promise<void> {
    const { office } = this;
    await office.must("closeSale", { version: office.facts.version + 1, status: "cancelled", note: null });
    await vi.waitFor(async () => {
      await office.alarm();
      expect(await office.sql("SELECT kind FROM rounds WHERE finished_at_ms IS NULL")).toEqual([]);
    });
    this.model.cancelEvent();
  }

  async take(step: Step): Promise<void> {
    const { model, office } = this;
    if (step.kind === "wait") office.nowMs += step.seconds * 1_000;
    model.tick(office.nowMs);
    const chosen = <T>(list: readonly T[]): T | undefined =>
      "pick" in step && list.length > 0 ? list[step.pick % list.length] : undefined;
    const reservation = chosen(model.reservations);
    const order = chosen(model.orders);
    switch (step.kind) {
      case "reserve":
        return this.reserve(step.types.map((type) => ({ type, quantity: step.quantity })));
      case "change": {
        if (reservation === undefined) return;
        const lines = step.types.map((type) => ({ type, quantity: step.quantity }));
        const active = reservation.status === "active";
        if (active) model.shift(reservation.lines, -1, 0);
        const expected = active && model.sells(lines);
        const { result } = await office.ask("changeReservation", {
          reservationId: reservation.id,
          holder: proven,
          items: lines.map(({ type, quantity }) => ({ ticketTypeId: this.type(type), quantity })),
          accessCode: null,
        });
        expect(result.ok).toBe(expected);
        if (expected) reservation.lines = lines;
        if (active) model.shift(reservation.lines, 1, 0);
        return;
      }
      case "rush":
        return this.rush(step.type, step.count);
      case "extend": {
        if (reservation === undefined) return;
        const { result } = await office.ask("extendReservation", { reservationId: reservation.id, holder: proven });
        expect(result.ok).toBe(reservation.status === "active" && !reservation.extended);
        if (result.ok) {
          reservation.extended = true;
          reservation.expiresAtMs += limits.reservationExtensionSeconds * 1_000;
        }
        return;
      }
      case "release": {
        if (reservation === undefined) return;
        const { result } = await office.ask("releaseReservation", { reservationId: reservation.id, holder: proven });
        expect(result.ok).toBe(reservation.status !== "converted");
        if (reservation.status === "active") {
          reservation.status = "released";
          model.shift(reservation.lines, -1, 0);
        }
        return;
      }
      case "order":
        return reservation === undefined ? undefined : this.placeOrder(reservation);
      case "pay":
        return order === undefined ? undefined : this.pay(order, step.way);
      case "payable": {
        if (order === undefined) return;
        const holdUntilMs = office.nowMs + 900_000;
        const { result } = await office.ask("getPayableOrder", { orderId: order.id, holder: proven, holdUntilMs });
        expect(result.ok).toBe(order.status === "pending_payment");
        if (result.ok) order.expiresAtMs = result.value.heldUntilMs;
        return;
      }
      case "expireOrder":
        if (order === undefined) return;
        await office.must("expireOrder", { orderId: order.id });
        if (order.status === "pending_payment") {
          order.status = "expired";
          model.shift(order.lines, -1, 0);
        }
        return;
      case "cancel":
        return order === undefined ? undefined : this.cancel(order);
      case "refund":
        return order === undefined ? undefined : this.refund(order, step.whole);
      case "checkIn":
        return order === undefined ? undefined : this.checkIn(order, step.direction);
      case "capacity": {
        const poolId = this.pools[step.pool];
        const pool = model.pools[step.pool];
        if (poolId === undefined || pool === undefined) return;
        const { result } = await office.ask("updatePool", { poolId, capacity: step.value });
        expect(result.ok).toBe(step.value >= pool.held + pool.sold);
        if (result.ok) pool.capacity = step.value;
        return;
      }
      case "cancelEvent":
        return this.cancelEvent();
      case "evict":
        return office.evict();
      case "alarm":
        await office.alarm();
        return;
      case "broken call": {
        // One call that throws inside the transaction, together with one that does not.
        const broken = office.ask("reserve", null as never).catch(() => "thrown");
        const sound = office.must("getSaleReadiness", {});
        expect(await broken).toBe("thrown");
        await sound;
      }
    }
  }

  async compare(): Promise<void> {
    const { office, model } = this;
    await office.must("getSaleReadiness", {}); // any call applies what time has done
    const real = await office.inside((_, { storage: { sql } }) => ({
      faults: auditBooks(sql),
      pools: sql.exec<Counters>("SELECT id, capacity, held, sold FROM pools").toArray(),
      reservations: sql.exec<Status>("SELECT id, status FROM reservations").toArray(),
      orders: sql.exec<Status>("SELECT id, status FROM orders").toArray(),
      admitting: sql.exec<{ n: number }>("SELECT count(*) AS n FROM tickets WHERE status <> 'void'").one().n,
    }));
    expect(real.faults).toEqual([]);
    const counters = new Map(real.pools.map(({ id, ...rest }) => [id, rest]));
    expect(this.pools.map((id) => counters.get(id))).toEqual(model.pools);
    expect(byId(real.reservations)).toEqual(byId(model.reservations));
    expect(byId(real.orders)).toEqual(byId(model.orders));
    const sold = model.orders
      .filter((order) => order.status === "confirmed" || order.status === "partially_refunded")
      .reduce((sum, order) => sum + order.lines.reduce((count, line) => count + line.quantity, 0), 0);
    expect(real.admitting).toBe(sold);
  }

  type(index: number): TicketTypeId {
    const id = this.types[index];
    if (id === undefined) throw new Error("no such type");
    return id;
  }
}

test("whatever happens in whatever order, the books balance and the object does what a plain model does", async () => {
  let runs = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30, size: "max" }), async (steps) => {
      const run = await Run.start();
      for (const next of steps) {
        await run.take(next);
        await run.compare();
      }
      runs += 1;
    }),
    // The seed is printed with a failure. A slow machine does fewer runs, but not so few that nothing was tried.
    { numRuns: 60, interruptAfterTimeLimit: 30_000 },
  );
  expect(runs).toBeGreaterThanOrEqual(10);
}, 60_000);
