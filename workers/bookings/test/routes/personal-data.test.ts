import { env } from "cloudflare:workers";
import { newMessage } from "@foyer/messaging/message";
import { badTokens, newTestUser, type TestUser } from "@foyer/testing/tokens";
import { expect, test } from "vitest";
import { bookingsHandlers } from "../../src/consumers/handlers.ts";
import { createDeps } from "../../src/deps.ts";
import {
  type Answer,
  addTicketType,
  http,
  newSale,
  order,
  pay,
  rpc,
  systemCall,
  type TestSale,
  usersStub,
} from "../support.ts";

const path = "/v1/users/profile/export";
const deps = createDeps(env);
const read = (user: Pick<TestUser, "headers">) => http("GET", path, { headers: { ...user.headers } });

async function copy(sale: TestSale, placed: Answer["body"]): Promise<void> {
  const { eventId, organizationId } = sale.facts;
  const scope = { eventId, organizationId, orderId: placed.id, sequence: 1 };
  const from = { source: "tests", requestId: "req_tests", nowMs: Date.now() };
  const statements = await bookingsHandlers(deps)["order.changed"]?.(newMessage("order.changed", scope, from));
  await env.BOOKINGS_DB.batch([...(statements ?? [])]);
}

/** Somebody with an account that users knows. */
async function newAccount(emailVerified = true) {
  const user = await newTestUser();
  const email = `person-${crypto.randomUUID().slice(0, 8)}@example.com`;
  await usersStub.testContact({ userId: user.userId, email, name: "Buyer One", emailVerified });
  return { user, email };
}

async function buy(sale: TestSale, typeId: string, email: string, user: TestUser | null): Promise<Answer["body"]> {
  const headers = user === null ? {} : { ...user.headers };
  const reserved = await http("POST", `${sale.path}/reservations`, {
    headers,
    body: { items: [{ ticketTypeId: typeId, quantity: 1 }] },
  });
  const placed = await http("POST", "/v1/orders", {
    headers: { ...headers, "x-reservation-secret": reserved.body.secret },
    body: {
      reservationId: reserved.body.id,
      buyer: { name: `Name of ${email}`, email },
      attendees: [{ name: `Guest of ${email}`, email: `guest.${email}` }],
      answers: { diet: `Diet of ${email}` },
    },
  });
  expect(placed.status).toBe(201);
  await pay(placed.body.order);
  await copy(sale, placed.body.order);
  return placed.body.order;
}

test("a person gets their orders whole, of their account and of their proven address, newest first", async () => {
  const { user, email } = await newAccount();
  const sale = await newSale();
  const type = await addTicketType(sale);
  const guest = await buy(sale, type.id, email, null);
  const own = await buy(sale, type.id, `work.${email}`, user);
  const answer = await read(user);
  expect(answer.status).toBe(200);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const { bookings } = answer.body.parts;
  expect(bookings.cutShort).toEqual([]);
  expect(bookings.orders.map(({ id }: { id: string }) => id)).toEqual([own.id, guest.id]);
  expect(bookings.orders[0]).toMatchObject({
    event: { id: sale.eventId, title: "An event", place: "Hall One, Town" },
    status: "confirmed",
    byAccount: true,
    items: [{ ticketTypeId: type.id, quantity: 1, unitPrice: { amount: 2_500, currency: "USD" } }],
    total: { amount: 2_500, currency: "USD" },
    buyer: { name: `Name of work.${email}`, email: `work.${email}` },
    attendees: [{ name: `Guest of work.${email}`, email: `guest.work.${email}` }],
    answers: { diet: `Diet of work.${email}` },
    tickets: [
      { status: "valid", holder: { name: `Guest of work.${email}`, email: `guest.work.${email}` }, checkedInAt: null },
    ],
  });
  expect(bookings.orders[1]).toMatchObject({ byAccount: false, buyer: { email } });
  const text = JSON.stringify(answer.body);
  for (const secret of ["F1.tkt", deps.keys.secretOf(own.id)]) expect(text).not.toContain(secret);
});

test("a person gets nothing of anybody else's", async () => {
  const [one, two] = [await newAccount(), await newAccount()];
  const sale = await newSale();
  const type = await addTicketType(sale);
  await buy(sale, type.id, one.email, one.user);
  await buy(sale, type.id, two.email, two.user);
  // Another's order that names one's address is another's.
  const foreign = await buy(sale, type.id, one.email, two.user);
  await order(sale, type.id);
  const text = JSON.stringify((await read(one.user)).body);
  expect(text).toContain(one.email);
  for (const strange of [two.email, two.user.userId, foreign.id]) expect(text).not.toContain(strange);
});

test("an address that was never proven brings no orders with it", async () => {
  const { user, email } = await newAccount(false);
  const sale = await newSale();
  const type = await addTicketType(sale);
  await buy(sale, type.id, email, null);
  expect((await read(user)).body.parts.bookings.orders).toEqual([]);
});

test("somebody who has bought nothing gets an empty part", async () => {
  const { user } = await newAccount();
  expect((await read(user)).body.parts.bookings).toMatchObject({ orders: [], cutShort: [] });
});

test("many orders are read page by page", async () => {
  const { user, email } = await newAccount();
  const sale = await newSale();
  const type = await addTicketType(sale);
  const own = await buy(sale, type.id, email, user);
  await env.BOOKINGS_DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 250)
     INSERT INTO orders SELECT printf('ord_%020d', i) || substr(?1, 25), event_id, organization_id, user_id, status, sequence, items,
       total_minor, refunded_minor, currency, buyer_name, buyer_email, created_at_ms + i, updated_at_ms, tickets FROM orders, n WHERE id = ?1`,
  )
    .bind(own.id)
    .run();
  // Those that only the query model has are none of the box office's, so the last of all is what is read.
  const { orders } = (await read(user)).body.parts.bookings;
  expect(orders.map(({ id }: { id: string }) => id)).toEqual([own.id]);
});

test("where users does not answer, or knows no such account, there is no part", async () => {
  const { user } = await newAccount();
  await usersStub.testDown(1);
  expect((await read(user)).status).toBe(500);
  const unknown = await read(await newTestUser());
  expect([unknown.status, unknown.body.code]).toEqual([401, "auth.invalid_token"]);
});

test("it is for the person alone, shortly after they have proven who they are", async () => {
  const { user } = await newAccount();
  const { userId } = user;
  const stale = await newTestUser({ userId, authenticatedAtMs: Date.now() - 3_600_000 });
  expect((await read(stale)).body).toMatchObject({ status: 401, code: "auth.step_up_required" });
  const acting = await newTestUser({ userId, impersonatorId: userId });
  expect((await read(acting)).body).toMatchObject({ status: 403, code: "auth.impersonation_refused" });
  expect((await http("GET", path)).body).toMatchObject({ status: 401, code: "auth.required" });
  for (const token of Object.values(await badTokens())) {
    const answer = await http("GET", path, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.body).toMatchObject({ status: 401, code: "auth.invalid_token" });
  }
});

test("other workers learn the ids of a person's orders, page by page, and nobody else does", async () => {
  const { user, email } = await newAccount();
  const sale = await newSale();
  const type = await addTicketType(sale);
  const guest = await buy(sale, type.id, email, null);
  const own = await buy(sale, type.id, email, user);
  const asked = { userId: user.userId, email, madeUntilMs: Date.now(), after: null };
  expect(await rpc.listOrdersOfPerson(systemCall, asked)).toEqual({
    ok: true,
    value: { orderIds: [own.id, guest.id], next: null },
  });
  const withoutAddress = await rpc.listOrdersOfPerson(systemCall, { ...asked, email: null });
  expect(withoutAddress).toMatchObject({ value: { orderIds: [own.id] } });
  const earlier = await rpc.listOrdersOfPerson(systemCall, { ...asked, madeUntilMs: 1 });
  expect(earlier).toMatchObject({ value: { orderIds: [own.id] } });
  const after = await rpc.listOrdersOfPerson(systemCall, {
    ...asked,
    after: [Date.parse(own.createdAt), own.id],
  });
  expect(after).toMatchObject({ value: { orderIds: [guest.id] } });
  const actor = {
    kind: "user",
    userId: user.userId,
    sessionId: "ses_x",
    emailVerified: true,
    platformAdmin: true,
    authenticatedAtMs: Date.now(),
    impersonatorId: null,
  } as const;
  expect(await rpc.listOrdersOfPerson({ actor, requestId: "r" }, asked)).toMatchObject({
    ok: false,
    error: { code: "auth.forbidden" },
  });
});
