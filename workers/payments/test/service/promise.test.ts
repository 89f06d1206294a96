import { env } from "cloudflare:workers";
import { dayMs, hourMs } from "@foyer/kernel/clock";
import { newId } from "@foyer/kernel/ids";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { sweep } from "../../src/service/sweep.ts";
import type { StripeEvent } from "../env.d.ts";
import {
  askForPayment,
  consumeMessages,
  deliver,
  depsAhead,
  message,
  newOrder,
  query,
  request,
  type TestOrder,
  unbalanced,
} from "../support.ts";

/** Anything that can happen to an order while it is paid, by anybody, in any order. */
const steps = [
  "buyer opens",
  "buyer opens twice at once",
  "buyer returns",
  "card is declined",
  "bank is slow",
  "buyer pays",
  "page is closed",
  "an event arrives",
  "all events arrive",
  "an hour passes",
  "order expires",
  "bookings goes down",
  "bookings comes up",
  "Stripe loses the next answer",
  "Stripe fails next",
] as const;
type Step = (typeof steps)[number];

/** What has been made at Stripe for the order, newest first. */
async function pages(order: TestOrder) {
  const { sessions, intents } = await env.OUTSIDE.testOfOrder(order.orderId);
  const ofSessions = new Set(sessions.map((session) => session.payment_intent));
  return [...sessions, ...intents.filter((intent) => !ofSessions.has(intent.id))].toReversed();
}

async function take(step: Step, order: TestOrder, mail: StripeEvent[], hours: { passed: number }): Promise<void> {
  const [page] = await pages(order);
  const payable =
    page !== undefined && ["open", "requires_payment_method", "processing", "complete"].includes(page.status);
  switch (step) {
    case "buyer opens":
      await askForPayment(order);
      return;
    case "buyer opens twice at once":
      await Promise.all([askForPayment(order), askForPayment(order)]);
      return;
    case "buyer returns":
      await request(`/v1/orders/${order.orderId}/payment`, { headers: { "x-order-secret": order.secret } });
      return;
    case "card is declined":
      if (page?.status === "open") mail.push(...(await env.OUTSIDE.testPay(page.id, { state: "declined" })));
      return;
    case "bank is slow":
      if (page?.status === "open") mail.push(...(await env.OUTSIDE.testPay(page.id, { state: "processing" })));
      return;
    case "buyer pays":
      if (payable) mail.push(...(await env.OUTSIDE.testPay(page.id)));
      return;
    case "page is closed":
      if (page?.status === "open") mail.push(...(await env.OUTSIDE.testExpire(page.id)));
      return;
    case "an event arrives": {
      const event = mail.shift();
      if (event !== undefined) await deliver(event);
      return;
    }
    case "all events arrive":
      await Promise.all(mail.map((event) => deliver(event)));
      return;
    case "an hour passes":
      hours.passed += 1;
      await sweep(depsAhead(hours.passed * hourMs), "req_promise");
      return;
    case "order expires": {
      if ((await env.BOOKINGS.testRead(order.orderId)).status !== "pending_payment") return;
      await env.BOOKINGS.testPatch(order.orderId, { status: "expired", outcome: "refund_due" });
      const items = [{ ticketTypeId: newId("ticketType", Date.now()), quantity: 1 }];
      const { eventId, organizationId, orderId, total } = order;
      await consumeMessages([
        message("order.expired", { eventId, organizationId, orderId, total, items, sequence: 2 }),
      ]);
      return;
    }
    case "bookings goes down":
      await env.BOOKINGS.testDown(true);
      return;
    case "bookings comes up":
      await env.BOOKINGS.testDown(false);
      return;
    case "Stripe loses the next answer":
      await env.OUTSIDE.testFault("POST /v1/checkout/sessions", "500_after_success", 3);
      return;
    case "Stripe fails next":
      await env.OUTSIDE.testFault("GET /v1/checkout/sessions/:id", "429", 1);
      return;
  }
}

test("whatever happens in between, all money ends as tickets, as a refund, or before a person", {
  timeout: 120_000,
}, async () => {
  let paidRuns = 0;
  const anySteps = fc.array(fc.constantFrom(...steps), { minLength: 4, maxLength: 14 });
  await fc.assert(
    fc.asyncProperty(anySteps, async (path) => {
      const order = await newOrder();
      const mail: StripeEvent[] = [];
      const hours = { passed: 0 };
      for (const step of ["buyer opens" as const, ...path]) await take(step, order, mail, hours);

      // Everybody is well again, and time passes.
      await env.BOOKINGS.testDown(false);
      await env.OUTSIDE.testClearFaults();
      for (let days = 1; days <= 3; days += 1) {
        await sweep(depsAhead(hours.passed * hourMs + days * dayMs), "req_promise");
        await sweep(depsAhead(hours.passed * hourMs + days * dayMs + 5 * hourMs), "req_promise");
      }

      const { intents, refunds } = await env.OUTSIDE.testOfOrder(order.orderId);
      const arrived = intents.filter((intent) => intent.status === "succeeded");
      if (arrived.length > 0) paidRuns += 1;
      const rows = await query("SELECT * FROM payments WHERE order_id = ?1", order.orderId);
      const confirmed = rows.filter((row) => row.order_outcome === "confirmed");
      const stub = await env.BOOKINGS.testRead(order.orderId);
      expect(confirmed.length).toBeLessThanOrEqual(1);
      expect(stub.status === "confirmed").toBe(confirmed.length === 1);
      for (const intent of arrived) {
        const row = rows.find((candidate) => candidate.id === intent.metadata.foyer_payment_id);
        expect(row).toMatchObject({ status: "succeeded", next_check_at_ms: null });
        const back = refunds.filter((refund) => refund.metadata.foyer_payment_id === row?.id);
        const backMinor = back.reduce((sum, refund) => sum + refund.amount, 0);
        expect([row?.order_outcome, backMinor]).toEqual(
          row?.order_outcome === "confirmed" ? ["confirmed", 0] : ["refund_due", intent.amount],
        );
      }
      // Nothing can be paid any more, and nothing is confirmed that was not paid.
      expect((await pages(order)).filter((page) => page.status === "open")).toEqual([]);
      expect(rows.filter((row) => row.status === "succeeded")).toHaveLength(arrived.length);
      expect(await unbalanced()).toEqual([]);
    }),
    { numRuns: 40 },
  );
  expect(paidRuns).toBeGreaterThan(0);
});
