import { env } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { beforeAll, describe, expect, test } from "vitest";
import { deliver, member, newOrder, open, post, processed, request, rowOf, settled } from "../support.ts";

let admin: Record<string, string>;
beforeAll(async () => {
  admin = { ...(await newTestUser({ platformAdmin: true })).headers };
});

async function reviewed() {
  const order = await newOrder();
  const { payment, objectId } = await open(order, "intent");
  const events = await env.OUTSIDE.testPay(objectId, { received: 1 });
  for (const event of events) {
    await deliver(event);
    await processed(event);
  }
  return { order, payment, objectId };
}

describe("reconciling", () => {
  test("compares a payment with the provider now", async () => {
    const order = await newOrder();
    const { payment, objectId } = await open(order, "intent");
    await env.OUTSIDE.testPay(objectId);
    const response = await post(`/v1/admin/payments/${payment.id}/reconcile`, {}, admin);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ payment: { status: "succeeded", clientSecret: null } });
    expect((await env.BOOKINGS.testRead(order.orderId)).status).toBe("confirmed");
  });

  test("closes the case once the provider's object is right", async () => {
    const { payment, objectId } = await reviewed();
    await env.OUTSIDE.testPatch(objectId, { amount_received: 5000 });
    await post(`/v1/admin/payments/${payment.id}/reconcile`, {}, admin);
    await settled(payment.id, "succeeded");
    const { data } = await (await request("/v1/admin/payments/review?limit=100", { headers: admin })).json<{
      data: { paymentId: string }[];
    }>();
    expect(data.filter((reviewCase) => reviewCase.paymentId === payment.id)).toEqual([]);
  });

  test("never fulfils what is wrong, and never hands out what the buyer pays with", async () => {
    const { payment } = await reviewed();
    const response = await post(`/v1/admin/payments/${payment.id}/reconcile`, {}, admin);
    expect(await response.json()).toMatchObject({ payment: { status: "open", clientSecret: null, checkoutUrl: null } });
    expect((await rowOf(payment.id)).order_outcome).toBeNull();
  });

  test("of ids that do not exist is 404", async () => {
    expect((await post(`/v1/admin/payments/${newId("payment", 1)}/reconcile`, {}, admin)).status).toBe(404);
    expect((await post("/v1/admin/payments/pay_1/reconcile", {}, admin)).status).toBe(404);
  });
});

describe("the review list", () => {
  test("says what is wrong, newest first, in pages, and the organizer sees that it is", async () => {
    const first = await reviewed();
    const second = await reviewed();
    const page = await (await request("/v1/admin/payments/review?limit=1", { headers: admin })).json<{
      data: object[];
      nextCursor: string;
    }>();
    expect(page.data).toMatchObject([
      { paymentId: second.payment.id, reason: "amount_mismatch", orderId: second.order.orderId },
    ]);
    const next = await request(`/v1/admin/payments/review?limit=1&cursor=${page.nextCursor}`, { headers: admin });
    expect(await next.json()).toMatchObject({ data: [{ paymentId: first.payment.id }] });
    const { headers } = await member(first.order);
    const listed = await request(`/v1/payments?organizationId=${first.order.organizationId}`, { headers });
    expect(await listed.json()).toMatchObject({ data: [{ id: first.payment.id, underReview: true }] });
  });

  test("keeps the buyer from paying again meanwhile", async () => {
    const { order } = await reviewed();
    const again = await post(
      `/v1/orders/${order.orderId}/payment`,
      { returnUrl: "https://tickets.example" },
      { "x-order-secret": order.secret },
    );
    expect([again.status, await again.json()]).toMatchObject([409, { code: "payments.under_review" }]);
  });

  test("loses a case that an administrator closes, once, with what was done", async () => {
    const { payment } = await reviewed();
    const list = "/v1/admin/payments/review?limit=100";
    const { data } = await (await request(list, { headers: admin })).json<{
      data: { id: string; paymentId: string }[];
    }>();
    const path = `/v1/admin/payments/review/${data.find((item) => item.paymentId === payment.id)?.id}/resolve`;
    expect((await post(path, {}, admin)).status).toBe(422);
    const closed = await post(path, { resolution: "Refunded by hand" }, admin);
    expect([closed.status, await closed.json()]).toMatchObject([
      200,
      { paymentId: payment.id, resolution: "Refunded by hand", resolvedAt: expect.any(String) },
    ]);
    expect((await post(path, { resolution: "Again" }, admin)).status).toBe(404);
    expect(await (await request(list, { headers: admin })).text()).not.toContain(payment.id);
  });

  test("refuses a cursor that is none", async () => {
    expect((await request("/v1/admin/payments/review?cursor=x", { headers: admin })).status).toBe(422);
  });
});

test.each([
  ["POST", "/v1/admin/payments/PAY/reconcile"],
  ["GET", "/v1/admin/payments/review"],
  ["POST", "/v1/admin/payments/review/CASE/resolve"],
  ["GET", "/v1/admin/payments/dead-letters"],
  ["POST", "/v1/admin/payments/dead-letters/ddl_1/replay"],
])("%s %s is for administrators of the platform only", async (method, path) => {
  const order = await newOrder();
  const { payment } = await open(order);
  const ask = (headers: Record<string, string>) =>
    request(path.replace("PAY", payment.id).replace("CASE", newId("reviewCase", 1)), {
      method,
      headers: { "content-type": "application/json", ...headers },
      ...(path.includes("CASE") ? { body: JSON.stringify({ resolution: "Done" }) } : {}),
    });
  expect((await ask({})).status).toBe(401);
  for (const token of Object.values(await badTokens()))
    expect((await ask({ authorization: `Bearer ${token}` })).status).toBe(401);
  expect((await ask({ ...(await member(order, "owner")).headers })).status).toBe(403);
});

test("readiness names the store", async () => {
  const response = await request("/health/ready");
  expect(await response.json()).toMatchObject({ status: "ok", checks: [{ name: "database", ok: true }] });
});
