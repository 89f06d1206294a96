import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { availabilityOf, availableOf, capacityFacts, salesPhase } from "../../src/domain/availability.ts";
import { decideCheckIn } from "../../src/domain/check-in.ts";
import { decideConfirmation } from "../../src/domain/confirmation.ts";
import type { Order, Pool, Sale, TicketType } from "../../src/domain/model.ts";
import { priceLines } from "../../src/domain/pricing.ts";
import { claimsOf, decideReservation } from "../../src/domain/reservation-rules.ts";
import { canMove, move, orderMoves, reservationMoves, ticketMoves } from "../../src/domain/states.ts";
import { codeText, parseCode } from "../../src/domain/ticket-code.ts";
import { newFacts } from "../support.ts";

const nowMs = 1_800_000_000_000;
const sale: Sale = { status: "open", facts: newFacts({ startsAtMs: nowMs + 1_000, endsAtMs: nowMs + 2_000 }) };

function pool(change: Partial<Pool> = {}): Pool {
  return { id: newId("pool", nowMs), name: "Pool", capacity: 100, held: 0, sold: 0, version: 1, ...change };
}

function type(pools: readonly Pool[], change: Partial<TicketType> = {}): TicketType {
  return {
    id: newId("ticketType", nowMs),
    name: "Standard",
    description: "",
    kind: "paid",
    priceMinor: 100,
    currency: "EUR",
    poolIds: pools.map(({ id }) => id),
    minPerOrder: 1,
    maxPerOrder: 100,
    salesStart: null,
    salesEnd: null,
    visibility: "public",
    accessCode: null,
    version: 1,
    ...change,
  };
}

const byId = <T extends { readonly id: string }>(things: readonly T[]) =>
  new Map(things.map((thing) => [thing.id as T["id"], thing]));

describe("states", () => {
  test("what has ended stays ended", () => {
    for (const status of ["converted", "released", "expired"] as const) expect(reservationMoves[status]).toEqual([]);
    for (const status of ["cancelled", "refunded"] as const) expect(orderMoves[status]).toEqual([]);
    for (const status of ["transferred", "void"] as const) expect(ticketMoves[status]).toEqual([]);
  });

  test("a step that the table does not name is a bug and throws", () => {
    expect(() => move(orderMoves, "refunded", "confirmed")).toThrow(/not allowed/);
    expect(canMove(orderMoves, "expired", "confirmed")).toBe(true);
    expect(canMove(orderMoves, "cancelled", "confirmed")).toBe(false);
  });

  test("every step leads to a state that the table knows", () => {
    for (const table of [reservationMoves, orderMoves, ticketMoves]) {
      for (const targets of Object.values(table)) for (const target of targets) expect(table).toHaveProperty(target);
    }
  });
});

describe("reservations", () => {
  const stock = fc
    .record({ capacity: fc.nat(50), held: fc.nat(50), sold: fc.nat(50) })
    .map(({ capacity, held, sold }) => {
      const taken = Math.min(capacity, held);
      return pool({ capacity, held: taken, sold: Math.min(capacity - taken, sold) });
    });

  test("is accepted exactly when every pool has what all items take of it together", () => {
    fc.assert(
      fc.property(
        fc.array(stock, { minLength: 1, maxLength: 3 }),
        fc.array(
          fc.record({
            draws: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }),
            quantity: fc.integer({ min: 1, max: 30 }),
          }),
          {
            minLength: 1,
            maxLength: 4,
          },
        ),
        (pools, wanted) => {
          const types = wanted.map(({ draws }) =>
            type([...new Set(draws.map((index) => pools[index % pools.length]))].filter((it) => it !== undefined)),
          );
          const items = wanted.map(({ quantity }, index) => ({ ticketTypeId: types[index]?.id ?? "tt_", quantity }));
          const decided = decideReservation(sale, byId(types), byId(pools), { items, accessCode: null }, nowMs);
          const needs = new Map<string, number>();
          for (const [index, { quantity }] of wanted.entries())
            for (const id of types[index]?.poolIds ?? []) needs.set(id, (needs.get(id) ?? 0) + quantity);
          const enough = pools.every((it) => it.capacity - it.held - it.sold >= (needs.get(it.id) ?? 0));
          expect(decided.ok ? "held" : decided.error.code).toBe(enough ? "held" : "bookings.sold_out");
          if (decided.ok) expect(Object.fromEntries(claimsOf(decided.value.lines))).toEqual(Object.fromEntries(needs));
        },
      ),
    );
  });

  test("tickets of one reservation are limited: at the limit yes, one more no", () => {
    const pools = [pool({ capacity: 10_000 })];
    const types = [type(pools), type(pools), type(pools)];
    const decide = (last: number) =>
      decideReservation(
        sale,
        byId(types),
        byId(pools),
        {
          items: [100, limits.ticketsPerReservationMax - 101, last].map((quantity, index) => ({
            ticketTypeId: types[index]?.id ?? "tt_",
            quantity,
          })),
          accessCode: null,
        },
        nowMs,
      );
    expect(decide(1).ok).toBe(true);
    expect(decide(2)).toMatchObject({ ok: false, error: { code: "bookings.too_many_tickets" } });
  });

  test("a total is chargeable at the limit and not above", () => {
    const line = (unitMinor: number) => ({
      ticketTypeId: "tt_" as const,
      name: "",
      quantity: 1,
      unitMinor,
      poolIds: [],
    });
    expect(priceLines([line(limits.amountMinorMax)]).ok).toBe(true);
    expect(priceLines([line(limits.amountMinorMax), line(1)])).toMatchObject({
      ok: false,
      error: { code: "bookings.total_too_large" },
    });
  });
});

describe("availability", () => {
  test("the scarcest pool decides", () => {
    const pools = [pool({ capacity: 10, held: 2, sold: 3 }), pool({ capacity: 100, sold: 98 })];
    expect(availableOf(type(pools), byId(pools))).toBe(2);
    expect(availableOf(type([pool()]), new Map())).toBe(0);
  });

  test("sales run from their start to just before their end, and never past the event", () => {
    const windowed = type([], { salesStart: nowMs, salesEnd: nowMs + 10 });
    expect(salesPhase(sale, windowed, nowMs - 1)).toBe("not_yet");
    expect(salesPhase(sale, windowed, nowMs)).toBe("open");
    expect(salesPhase(sale, windowed, nowMs + 9)).toBe("open");
    expect(salesPhase(sale, windowed, nowMs + 10)).toBe("ended");
    expect(salesPhase(sale, type([]), nowMs + 1_999)).toBe("open");
    expect(salesPhase(sale, type([]), nowMs + 2_000)).toBe("ended");
    expect(salesPhase({ ...sale, status: "closed" }, type([]), nowMs)).toBe("ended");
    expect(salesPhase({ ...sale, status: "draft" }, type([]), nowMs)).toBe("not_yet");
  });

  test("low comes before sold out, and fewer than an order needs is sold out", () => {
    const statusAt = (sold: number, change: Partial<TicketType> = {}) => {
      const pools = [pool({ capacity: 200, sold })];
      return availabilityOf(sale, type(pools, change), byId(pools), nowMs).status;
    };
    expect([statusAt(179), statusAt(180), statusAt(199), statusAt(200)]).toEqual(["on_sale", "low", "low", "sold_out"]);
    expect(statusAt(197, { minPerOrder: 4 })).toBe("sold_out");
  });

  test("the event is sold out when all that is public is, and its prices span the public ones", () => {
    const pools = [pool({ capacity: 1, sold: 1 }), pool()];
    const full = type(pools.slice(0, 1), { priceMinor: 300 });
    const hidden = type(pools.slice(1), { visibility: "hidden", priceMinor: 1 });
    expect(capacityFacts([full, hidden], byId(pools))).toEqual({
      priceMinMinor: 300,
      priceMaxMinor: 300,
      currency: "EUR",
      soldOut: true,
    });
    expect(capacityFacts([], new Map()).soldOut).toBe(false);
  });
});

describe("payments", () => {
  const order = { totalMinor: 500, currency: "EUR" };
  const statuses = Object.keys(orderMoves) as Order["status"][];

  test("money that arrives always ends as tickets or as money back", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...statuses),
        fc.integer({ min: 0, max: 1_000 }),
        fc.constantFrom("EUR", "USD"),
        fc.boolean(),
        (status, amount, currency, stockFits) => {
          const plan = decideConfirmation({ ...order, status } as Order, { amount, currency }, stockFits);
          const exact = amount === order.totalMinor && currency === order.currency;
          const issues = exact && (status === "pending_payment" || (status === "expired" && stockFits));
          expect(plan.kind !== "refund").toBe(issues);
        },
      ),
    );
  });
});

describe("the door", () => {
  test("a code of an older issue admits nobody", () => {
    expect(decideCheckIn({ status: "valid", codeVersion: 2 }, 1, "in")).toBe("transferred");
    expect(decideCheckIn({ status: "valid", codeVersion: 2 }, 2, "in")).toBe("admitted");
  });

  test("codes are read back as they were written, and nothing else is a code", () => {
    const ticketId = `tkt_${"0".repeat(46)}` as const;
    const signature = "A".repeat(86);
    const code = { ticketId, codeVersion: 3 };
    expect(parseCode(`${codeText(code)}.${signature}`)).toMatchObject(code);
    fc.assert(fc.property(fc.string(), (text) => parseCode(text) === null));
    for (const bad of ["F2", "F1.tkt_x.1", `F1.${ticketId}.0.${signature}`, `F1.${ticketId}.1.${signature}A`]) {
      expect(parseCode(bad)).toBeNull();
    }
  });
});
