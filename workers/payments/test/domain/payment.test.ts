import type { PayableOrder } from "@foyer/contracts/bookings/rpc";
import { openPaymentBodySchema } from "@foyer/contracts/payments/api";
import { paymentStatuses } from "@foyer/contracts/payments/rpc";
import { newId, newSaleId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { paymentEntries, refundEntries, reversedRefundEntries } from "../../src/domain/ledger.ts";
import { decideSettlement, type Payment, type ProviderPayment, paymentMoves } from "../../src/domain/payment.ts";
import { paymentKey, providerRequestOf } from "../../src/domain/provider-request.ts";
import type { Refund } from "../../src/domain/refund.ts";

const eventId = newId("event", 1);
const base: Payment = {
  id: newId("payment", 1),
  orderId: newSaleId("order", eventId, 1),
  eventId,
  organizationId: newId("organization", 1),
  status: "open",
  method: "checkout",
  attempt: 1,
  amount: { amount: 5000, currency: "EUR" },
  intentId: null,
  sessionId: "cs_1",
  pendingRequest: null,
  closing: false,
  orderOutcome: null,
  failureReason: null,
  expiresAtMs: 2,
  paidAtMs: null,
  nextCheckAtMs: null,
  checks: 0,
  version: 1,
  createdAtMs: 1,
  updatedAtMs: 1,
};

function seen(patch: Partial<ProviderPayment>): ProviderPayment {
  const state = patch.state ?? "open";
  return {
    state,
    intentId: null,
    sessionId: "cs_1",
    amount: base.amount,
    received: state === "paid" ? base.amount : null,
    orderId: base.orderId,
    paymentId: base.id,
    checkoutUrl: null,
    clientSecret: null,
    failureReason: null,
    ...patch,
  };
}

const states = ["open", "processing", "paid", "failed", "cancelled", "expired"] as const;
const anyStatus = fc.constantFrom(...paymentStatuses);
const anyState = fc.constantFrom(...states);

describe("settling", () => {
  test("only ever makes a move that the table allows", () => {
    fc.assert(
      fc.property(anyStatus, anyState, (status, state) => {
        const decision = decideSettlement({ ...base, status }, seen({ state }));
        if (decision.kind === "move") expect(paymentMoves[status]).toContain(decision.to);
        else expect(decision.kind).toBe("none");
      }),
    );
  });

  test("ends as succeeded after any sequence of looks in which the money was seen once", () => {
    fc.assert(
      fc.property(fc.array(anyState), fc.array(anyState), (before, after) => {
        let status = base.status;
        for (const state of [...before, "paid" as const, ...after]) {
          const decision = decideSettlement({ ...base, status }, seen({ state }));
          if (decision.kind === "move") status = decision.to;
        }
        expect(status).toBe("succeeded");
      }),
    );
  });

  test("never fulfils another amount, another currency or another order's object", () => {
    const money = fc.record({ amount: fc.integer({ min: 0, max: 10_000 }), currency: fc.constantFrom("EUR", "USD") });
    fc.assert(
      fc.property(money, money, fc.boolean(), fc.boolean(), (amount, received, ownOrder, ownPayment) => {
        const right = [amount, received].every((value) => value.amount === 5000 && value.currency === "EUR");
        const decision = decideSettlement(
          base,
          seen({
            state: "paid",
            amount,
            received,
            orderId: ownOrder ? base.orderId : "ord_other",
            paymentId: ownPayment ? base.id : null,
          }),
        );
        expect(decision.kind).toBe(right && ownOrder && ownPayment ? "move" : "review");
      }),
      { examples: [[base.amount, base.amount, true, true]] },
    );
  });
});

const anyOrder = fc
  .record({
    items: fc.array(
      fc.record({ quantity: fc.integer({ min: 1, max: 100 }), amount: fc.integer({ min: 0, max: 100_000 }) }),
      { minLength: 1, maxLength: 20 },
    ),
    total: fc.integer({ min: 1, max: limits.amountMinorMax }),
    exact: fc.boolean(),
  })
  .map(({ items, total, exact }): PayableOrder => {
    const listed = items.reduce((sum, item) => sum + item.quantity * item.amount, 0);
    return {
      orderId: base.orderId,
      eventId,
      organizationId: base.organizationId,
      eventTitle: "Evening of songs",
      buyer: { name: "Buyer One", email: "buyer@example.com", userId: null },
      items: items.map(({ quantity, amount }) => ({
        ticketTypeId: newId("ticketType", 1),
        name: "Standing",
        quantity,
        unitPrice: { amount, currency: "EUR" },
      })),
      total: { amount: exact && listed > 0 ? listed : total, currency: "EUR" },
      heldUntilMs: 0,
    };
  });

describe("what the provider is told", () => {
  test("adds up to exactly what is owed, without free or negative lines", () => {
    fc.assert(
      fc.property(anyOrder, (order) => {
        const { lines } = providerRequestOf(order, "https://a.example", { nowMs: 0, expiresAtMs: 0 });
        expect(lines.reduce((sum, line) => sum + line.quantity * line.unitMinor, 0)).toBe(order.total.amount);
        expect(lines.every((line) => line.unitMinor > 0 && line.quantity > 0)).toBe(true);
      }),
    );
  });

  test("never lets a page close earlier than the provider allows, nor before the hold ends", () => {
    fc.assert(
      fc.property(
        anyOrder,
        fc.integer({ min: 0, max: 2e12 }),
        fc.integer({ min: 0, max: 1e7 }),
        (order, nowMs, holdMs) => {
          const request = providerRequestOf(order, "https://a.example", { nowMs, expiresAtMs: nowMs + holdMs });
          expect(request.sessionExpiresAtSeconds).toBeGreaterThan(
            Math.floor(nowMs / 1000) + limits.checkoutSessionSecondsMin,
          );
          expect(request.sessionExpiresAtSeconds).toBeGreaterThanOrEqual(Math.floor((nowMs + holdMs) / 1000));
        },
      ),
    );
  });

  test("under a key of the order and the attempt, and no other", () => {
    expect(paymentKey(base.orderId, 1)).not.toBe(paymentKey(base.orderId, 2));
    expect(paymentKey(base.orderId, 1)).toBe(paymentKey(base.orderId, 1));
  });
});

describe("the ledger", () => {
  test("adds up to zero for every payment, refund and returned refund, and they cancel out", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: limits.amountMinorMax }), (amount) => {
        const payment = { ...base, amount: { amount, currency: "JPY" } };
        const refund: Refund = {
          ...payment,
          id: newId("refund", 1),
          paymentId: payment.id,
          status: "succeeded",
          origin: "organizer",
          providerKey: "k",
          providerRefundId: "re_1",
          reason: "",
          ticketIds: [],
          recordedAtMs: null,
        };
        const all = [paymentEntries(payment), refundEntries(refund), reversedRefundEntries(refund)];
        for (const entries of all) expect(entries.reduce((sum, entry) => sum + entry.amountMinor, 0)).toBe(0);
        const clearing = [...paymentEntries(payment), ...refundEntries(refund)].filter(
          (entry) => entry.account === "provider_clearing",
        );
        expect(clearing.reduce((sum, entry) => sum + entry.amountMinor, 0)).toBe(0);
        expect(new Set(all.flat().map((entry) => `${entry.transactionId}/${entry.line}`)).size).toBe(6);
      }),
    );
  });
});

test("no text at all makes a return address that leaves https and this machine", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.webUrl(),
        fc.string(),
        fc.string().map((text) => `http://localhost${text}`),
        fc.string().map((text) => `http://127.0.0.1${text}`),
      ),
      (returnUrl) => {
        const parsed = openPaymentBodySchema.safeParse({ returnUrl });
        if (!parsed.success) return;
        const url = new URL(parsed.data.returnUrl);
        expect(url.protocol === "https:" || ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname)).toBe(true);
        expect([url.username, url.password]).toEqual(["", ""]);
      },
    ),
  );
});
