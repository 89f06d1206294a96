import { env } from "cloudflare:workers";
import { badTokens, newTestUser, type TestUser } from "@foyer/testing/tokens";
import { afterEach, expect, test } from "vitest";
import { deliver, member, newOrder, pay, post, processed, request, rowOf } from "../support.ts";

const path = "/v1/users/profile/export";

afterEach(async () => {
  await env.BOOKINGS.testDown(false);
  await env.USERS.testDown(0);
});

async function read(user: Pick<TestUser, "headers">) {
  const response = await request(path, { headers: { ...user.headers } });
  const body = await response.json<{ code?: string; parts: { payments: Part } }>();
  return { status: response.status, headers: response.headers, body };
}

interface Part {
  payments: { id: string; refunds: unknown[] }[];
  cutShort: string[];
  withheld: Record<string, string>;
}

/** Somebody with an account that users knows. */
async function newAccount(emailVerified = true) {
  const user = await newTestUser();
  const email = `person-${crypto.randomUUID().slice(0, 8)}@example.com`;
  await env.USERS.testContact({ userId: user.userId, email, name: "Buyer One", emailVerified });
  return { user, userId: user.userId, email };
}

test("a person gets the payments and refunds of their orders, of their account and of their proven address", async () => {
  const { user, userId, email } = await newAccount();
  const orders = [
    await newOrder({ userId }),
    await newOrder({ email, createdAtMs: Date.now() }),
    await newOrder({ userId }),
  ];
  const paid = [];
  for (const order of orders) paid.push(await pay(order));
  const [first] = orders;
  const [one] = paid;
  if (first === undefined || one === undefined) throw new Error("nothing was paid");
  const refunded = await post(
    `/v1/payments/${one.payment.id}/refunds`,
    { amount: { amount: 1_000, currency: "EUR" }, reason: "A row was closed" },
    { ...(await member(first)).headers },
  );
  expect(refunded.status).toBe(201);
  const answer = await read(user);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const { payments, cutShort } = answer.body.parts.payments;
  expect(cutShort).toEqual([]);
  expect(payments.map(({ id }) => id).sort()).toEqual(paid.map(({ payment }) => payment.id).sort());
  expect(payments.find(({ id }) => id === one.payment.id)).toEqual({
    id: one.payment.id,
    orderId: first.orderId,
    status: "succeeded",
    provider: "stripe",
    method: "checkout",
    amount: { amount: 5_000, currency: "EUR" },
    failureReason: null,
    createdAt: expect.stringMatching(/Z$/),
    paidAt: expect.stringMatching(/Z$/),
    refunds: [
      {
        id: expect.stringMatching(/^ref_/),
        status: "succeeded",
        amount: { amount: 1_000, currency: "EUR" },
        reason: "A row was closed",
        failureReason: null,
        createdAt: expect.stringMatching(/Z$/),
      },
    ],
  });
});

test("a person gets nothing of anybody else's", async () => {
  const [one, two] = [await newAccount(), await newAccount()];
  const own = await pay(await newOrder({ userId: one.userId }));
  // Another's order that names one's address is another's.
  const foreign = await pay(await newOrder({ userId: two.userId, email: one.email }));
  const text = JSON.stringify((await read(one.user)).body);
  expect(text).toContain(own.payment.id);
  for (const strange of [foreign.payment.id, two.email, two.userId]) expect(text).not.toContain(strange);
});

test("what a provider said of a payment is not kept for the export", async () => {
  const { user, userId } = await newAccount();
  const { intentId, payment } = await pay(await newOrder({ userId }));
  for (const event of await env.OUTSIDE.testRefundElsewhere(intentId, 500)) {
    await deliver(event);
    await processed(event);
  }
  const { body } = await read(user);
  const text = JSON.stringify(body);
  const { session_id } = await rowOf(payment.id);
  for (const withheld of [String(session_id), intentId, "evt_"]) expect(text).not.toContain(withheld);
  expect(Object.keys(body.parts.payments.withheld)).toEqual([
    "providerEvents",
    "pendingRequests",
    "bookkeeping",
    "idempotency",
  ]);
});

test("an address that was never proven brings no payments with it, and who has paid nothing gets an empty part", async () => {
  const { user, email } = await newAccount(false);
  await pay(await newOrder({ email }));
  expect((await read(user)).body.parts.payments).toMatchObject({ payments: [], cutShort: [] });
});

test("where users or bookings does not answer, or there is no such account, there is no part", async () => {
  const { user } = await newAccount();
  await env.USERS.testDown(1);
  expect((await read(user)).body).toMatchObject({ status: 503, code: "platform.unavailable" });
  await env.BOOKINGS.testDown(true);
  expect((await read(user)).body).toMatchObject({ status: 503, code: "platform.unavailable" });
  expect((await read(await newTestUser())).body).toMatchObject({ status: 401, code: "auth.invalid_token" });
});

test("it is for the person alone, shortly after they have proven who they are", async () => {
  const { userId } = await newAccount();
  const stale = await newTestUser({ userId, authenticatedAtMs: Date.now() - 3_600_000 });
  expect((await read(stale)).body).toMatchObject({ status: 401, code: "auth.step_up_required" });
  const acting = await newTestUser({ userId, impersonatorId: userId });
  expect((await read(acting)).body).toMatchObject({ status: 403, code: "auth.impersonation_refused" });
  expect((await request(path)).status).toBe(401);
  for (const token of Object.values(await badTokens())) {
    const answer = await read({ headers: { authorization: `Bearer ${token}` } });
    expect(answer.body).toMatchObject({ status: 401, code: "auth.invalid_token" });
  }
});
