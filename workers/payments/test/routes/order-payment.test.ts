import { env } from "cloudflare:workers";
import { newId, newSaleId } from "@foyer/kernel/ids";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { afterEach, describe, expect, test } from "vitest";
import {
  askForPayment,
  type BuyerPayment,
  newOrder,
  open,
  post,
  query,
  readPayment,
  request,
  returnUrl,
  settled,
} from "../support.ts";

afterEach(async () => {
  await env.OUTSIDE.testClearFaults();
  await env.BOOKINGS.testDown(false);
});

describe("opening a payment", () => {
  test("answers with the provider's page for what is owed, and keeps it from caches", async () => {
    const order = await newOrder();
    const response = await askForPayment(order);
    expect(response.status).toBe(201);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { payment } = await response.json<{ payment: BuyerPayment }>();
    expect(payment).toMatchObject({ status: "open", provider: "stripe", method: "checkout", amount: order.total });
    expect(payment.checkoutUrl).toMatch(/^https:\/\/checkout\.stripe\.test\//);
    expect(payment.clientSecret).toBeNull();
    expect(Date.parse(payment.expiresAt)).toBeGreaterThan(Date.now());

    const { sessions } = await env.OUTSIDE.testOfOrder(order.orderId);
    expect(sessions).toHaveLength(1);
    expect(sessions[0]).toMatchObject({
      amount_total: 5000,
      success_url: `${returnUrl}&payment=success`,
      metadata: { foyer_order_id: order.orderId, foyer_payment_id: payment.id },
    });
    expect(sessions[0]?.expires_at).toBeGreaterThanOrEqual(Math.floor(Date.now() / 1000) + 1800);
  });

  test("by intent answers with a client secret for the same amount", async () => {
    const order = await newOrder();
    const { payment } = await open(order, "intent");
    expect(payment.clientSecret).toMatch(/^pi_/);
    expect(payment.checkoutUrl).toBeNull();
    const { intents } = await env.OUTSIDE.testOfOrder(order.orderId);
    expect(intents.map((intent) => intent.amount)).toEqual([5000]);
  });

  test("lists what the order owes beyond its prices, and one line where it owes less", async () => {
    const dearer = await newOrder({ total: { amount: 5600, currency: "EUR" } });
    await open(dearer);
    const cheaper = await newOrder({ total: { amount: 4000, currency: "EUR" } });
    await open(cheaper);
    const lines = async (orderId: string) =>
      (await env.OUTSIDE.testOfOrder(orderId)).sessions[0]?.lines.map((line) => [
        line.quantity,
        line.price_data.unit_amount,
      ]);
    expect(await lines(dearer.orderId)).toEqual([
      ["2", "2500"],
      ["1", "600"],
    ]);
    expect(await lines(cheaper.orderId)).toEqual([["1", "4000"]]);
  });

  test("twice gives the same open payment, whatever is asked for the second time", async () => {
    const order = await newOrder();
    const first = await open(order);
    const second = await open(order, "intent");
    expect(second.payment).toEqual(first.payment);
    expect((await env.OUTSIDE.testOfOrder(order.orderId)).sessions).toHaveLength(1);
  });

  test("fifty times at once gives one payment and one page", async () => {
    const order = await newOrder();
    const answers = await Promise.all(Array.from({ length: 50 }, () => askForPayment(order)));
    expect(answers.map((answer) => answer.status)).toEqual(Array.from({ length: 50 }, () => 201));
    const bodies = await Promise.all(answers.map((answer) => answer.json<{ payment: BuyerPayment }>()));
    expect(new Set(bodies.map((body) => `${body.payment.id} ${body.payment.checkoutUrl}`)).size).toBe(1);
    expect((await env.OUTSIDE.testOfOrder(order.orderId)).sessions).toHaveLength(1);
    expect(await query("SELECT id FROM payments WHERE order_id = ?1", order.orderId)).toHaveLength(1);
  });

  test("under an idempotency key replays the first answer, and refuses another body", async () => {
    const order = await newOrder();
    const headers = { "idempotency-key": crypto.randomUUID() };
    const first = await (await askForPayment(order, { returnUrl }, headers)).text();
    const again = await askForPayment(order, { returnUrl }, headers);
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await again.text()).toBe(first);
    const other = await askForPayment(order, { returnUrl: "https://elsewhere.example" }, headers);
    expect(other.status).toBe(422);
    expect(await other.json()).toMatchObject({ code: "idempotency.mismatch" });
  });

  test("makes room for another attempt once the first has ended unpaid", async () => {
    const order = await newOrder();
    const first = await open(order);
    await env.OUTSIDE.testExpire(first.objectId);
    const second = await open(order);
    expect(second.payment.id).not.toBe(first.payment.id);
    expect((await settled(first.payment.id, "expired")).version).toBe(2);
  });

  test("is refused for an order that is paid, and the money that came meanwhile is seen", async () => {
    const order = await newOrder();
    const { payment, objectId } = await open(order);
    await env.OUTSIDE.testPay(objectId);
    const again = await askForPayment(order);
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ code: "payments.already_paid" });
    await settled(payment.id, "succeeded");
    expect((await env.BOOKINGS.testRead(order.orderId)).status).toBe("confirmed");
  });

  test.each([
    ["expired", 410, "bookings.order_expired"],
    ["cancelled", 409, "bookings.order_not_payable"],
  ])("passes on what bookings says of an order that is %s", async (status, expected, code) => {
    const response = await askForPayment(await newOrder({ status }));
    expect(response.status).toBe(expected);
    expect(await response.json()).toMatchObject({ code });
  });

  test("is refused where nothing is owed, and where the provider takes no such amount", async () => {
    const free = await askForPayment(await newOrder({ total: { amount: 0, currency: "EUR" } }));
    expect([free.status, await free.json()]).toMatchObject([409, { code: "payments.nothing_due" }]);
    const tiny = await askForPayment(await newOrder({ total: { amount: 10, currency: "EUR" } }));
    expect([tiny.status, await tiny.json()]).toMatchObject([409, { code: "payments.not_accepted" }]);
  });

  test.each([
    ["500", "POST /v1/checkout/sessions"],
    ["429", "POST /v1/checkout/sessions"],
    ["in_use", "POST /v1/checkout/sessions"],
    ["other", "POST /v1/checkout/sessions"],
    ["html", "POST /v1/checkout/sessions"],
    ["500_after_success", "POST /v1/checkout/sessions"],
    ["timeout_after_success", "POST /v1/checkout/sessions"],
  ])("survives Stripe's %s: 503 at worst, and the same call finds one payment", async (kind, on) => {
    const order = await newOrder();
    await env.OUTSIDE.testFault(on, kind, 3);
    const first = await askForPayment(order);
    expect(first.status).toBe(503);
    expect(first.headers.get("retry-after")).not.toBeNull();
    expect(await first.json()).toMatchObject({ code: "platform.unavailable" });
    await env.OUTSIDE.testClearFaults();
    await open(order);
    expect((await env.OUTSIDE.testOfOrder(order.orderId)).sessions).toHaveLength(1);
    expect(await query("SELECT id FROM payments WHERE order_id = ?1", order.orderId)).toHaveLength(1);
  });

  test("goes on under another key where Stripe keeps its failure under the first", async () => {
    const order = await newOrder();
    await env.OUTSIDE.testFault("POST /v1/checkout/sessions", "500_kept", 1);
    const { payment } = await open(order);
    expect(payment.checkoutUrl).not.toBeNull();
    const rows = await query("SELECT status FROM payments WHERE order_id = ?1 ORDER BY attempt", order.orderId);
    expect(rows).toEqual([{ status: "failed" }, { status: "open" }]);
  });

  test("is 503 while bookings is down, and leaves nothing behind", async () => {
    const order = await newOrder();
    await env.BOOKINGS.testDown(true);
    expect((await askForPayment(order)).status).toBe(503);
    expect(await query("SELECT id FROM payments WHERE order_id = ?1", order.orderId)).toEqual([]);
  });

  test("keeps the buyer's address no longer than until the provider has answered", async () => {
    const order = await newOrder();
    await open(order);
    const rows = await query("SELECT * FROM payments WHERE order_id = ?1", order.orderId);
    expect(JSON.stringify(rows)).not.toContain("buyer@example.com");
  });
});

describe("reading a payment", () => {
  test("asks the provider while it is open, so that nobody waits for a webhook", async () => {
    const order = await newOrder();
    const { objectId } = await open(order);
    expect(await readPayment(order)).toMatchObject({ status: "open" });
    await env.OUTSIDE.testPay(objectId);
    expect(await readPayment(order)).toMatchObject({ status: "succeeded", checkoutUrl: null });
    expect((await env.BOOKINGS.testRead(order.orderId)).confirmations).toBe(1);
  });

  test("answers what is known while the provider is down", async () => {
    const order = await newOrder();
    await open(order);
    await env.OUTSIDE.testFault("GET /v1/checkout/sessions/:id", "500", 3);
    expect(await readPayment(order)).toMatchObject({ status: "open", checkoutUrl: null });
  });

  test("has a validator, and answers 304 to whoever has it already", async () => {
    const order = await newOrder();
    await open(order);
    const headers = { "x-order-secret": order.secret };
    const path = `/v1/orders/${order.orderId}/payment`;
    const etag = (await request(path, { headers })).headers.get("etag") ?? "";
    const again = await request(path, { headers: { ...headers, "if-none-match": etag } });
    expect(again.status).toBe(304);
  });

  test("is 404 for an order without a payment", async () => {
    const order = await newOrder();
    const response = await request(`/v1/orders/${order.orderId}/payment`, {
      headers: { "x-order-secret": order.secret },
    });
    expect([response.status, await response.json()]).toMatchObject([404, { code: "payments.not_found" }]);
  });
});

describe.each(["POST", "GET"])("%s of an order's payment", (method) => {
  const ask = (orderId: string, headers: Record<string, string>) =>
    method === "POST"
      ? post(`/v1/orders/${orderId}/payment`, { returnUrl }, headers)
      : request(`/v1/orders/${orderId}/payment`, { headers });

  test("is 401 without a secret or a token, and with every bad token", async () => {
    const order = await newOrder();
    expect((await ask(order.orderId, {})).status).toBe(401);
    for (const [what, token] of Object.entries(await badTokens())) {
      const response = await ask(order.orderId, { authorization: `Bearer ${token}`, "x-order-secret": order.secret });
      expect([what, response.status]).toEqual([what, 401]);
    }
  });

  test("is 404 with another order's secret, as another user, and for ids that are none", async () => {
    const order = await newOrder();
    const other = await newOrder();
    await open(order);
    expect((await ask(order.orderId, { "x-order-secret": other.secret })).status).toBe(404);
    expect((await ask(order.orderId, (await newTestUser()).headers)).status).toBe(404);
    expect((await ask("ord_nonsense", { "x-order-secret": order.secret })).status).toBe(404);
    const unknown = newSaleId("order", newId("event", Date.now()), Date.now());
    expect((await ask(unknown, { "x-order-secret": order.secret })).status).toBe(404);
  });

  test("works for the signed-in buyer without a secret", async () => {
    const buyer = await newTestUser();
    const order = await newOrder({ userId: buyer.userId });
    await open(order);
    expect((await ask(order.orderId, buyer.headers)).status).toBeLessThan(300);
  });
});

test.each([
  ["malformed JSON", "{", 400],
  ["an unknown field", { returnUrl, amount: 1 }, 422],
  ["prototype fields", '{"returnUrl":"https://a.example","__proto__":{"method":"intent"}}', 422],
  ["no return address", {}, 422],
  ["a method that is none", { returnUrl, method: "cash" }, 422],
  ["a number for an address", { returnUrl: 7 }, 422],
  ["plain http", { returnUrl: "http://tickets.example" }, 422],
  ["a script", { returnUrl: "javascript:alert(1)" }, 422],
  ["user and password", { returnUrl: "https://user:pass@tickets.example" }, 422],
  ["a look-alike of localhost", { returnUrl: "http://localhost.example" }, 422],
  ["a look-alike of this machine's address", { returnUrl: "http://127.0.0.1.example" }, 422],
  ["NUL", { returnUrl: "https://tickets.example/\u0000" }, 422],
  ["a relative address", { returnUrl: "/return" }, 422],
  ["a huge address", { returnUrl: `https://tickets.example/${"a".repeat(5000)}` }, 422],
  ["an array", [], 422],
])("opening a payment refuses %s", async (_what, body, status) => {
  const order = await newOrder();
  const response = await askForPayment(order, body as object);
  expect(response.status).toBe(status);
  expect(await query("SELECT id FROM payments WHERE order_id = ?1", order.orderId)).toEqual([]);
});

test.each(["http://localhost:5173/return", "http://127.0.0.1:8787/orders/1", "https://tickets.example/ü?emoji=🎟"])(
  "a buyer may come back to %s",
  async (url) => {
    expect((await askForPayment(await newOrder(), { returnUrl: url })).status).toBe(201);
  },
);
