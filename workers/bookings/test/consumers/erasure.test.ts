import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { MessageType, Payload } from "@foyer/contracts/messages/catalog";
import { newId, type UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { consume } from "@foyer/messaging/consumer";
import { newMessage } from "@foyer/messaging/message";
import { newTestUser, type TestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { bookingsHandlers } from "../../src/consumers/handlers.ts";
import { createDeps, type Deps } from "../../src/deps.ts";
import { type Answer, addTicketType, http, newSale, order, pay, type TestSale, usersStub } from "../support.ts";

const deps = createDeps(env);

function message<T extends MessageType>(type: T, payload: Payload<T>) {
  return newMessage(type, payload, { source: "tests", requestId: "req_tests", nowMs: Date.now() });
}

/** Handles messages as the queue's consumer does, and leaves the outbox for the test to look at. */
async function deliver(bodies: readonly unknown[], change: Partial<Deps> = {}) {
  const own = { ...deps, ...change };
  const batch = createMessageBatch(
    "foyer-bookings",
    bodies.map((body, index) => ({ id: `m${index}`, timestamp: new Date(), attempts: 1, body })),
  );
  await consume(batch, bookingsHandlers(own), own);
  return getQueueResult(batch, createExecutionContext());
}

/** What the outbox has for users about a person; empties it of that. */
async function answersAbout(userId: string): Promise<unknown[]> {
  const { results } = await env.BOOKINGS_DB.prepare(
    "DELETE FROM outbox WHERE consumer = 'users' AND body ->> '$.payload.userId' = ?1 RETURNING body",
  )
    .bind(userId)
    .all<{ body: string }>();
  return results.map(({ body }) => {
    const { type, payload } = JSON.parse(body);
    return [type, payload];
  });
}

const answered = (userId: string) => [["user.erased", { userId, worker: "bookings" }]];

let counter = 0;

/** Somebody with an address of their own, which they have proven. */
async function newPerson() {
  counter += 1;
  const user = await newTestUser();
  return { user, userId: user.userId, email: `person-${counter}-${crypto.randomUUID().slice(0, 8)}@example.com` };
}

/** Says that a person is to be forgotten, as users does; the message that tells of it. */
async function due(
  person: { readonly userId: UserId; readonly email: string },
  change: { readonly emailVerified?: boolean; readonly requestedAtMs?: number } = {},
) {
  const { userId, email } = person;
  await usersStub.testErasure({ userId, email, emailVerified: true, requestedAtMs: Date.now(), ...change });
  return message("user.erasure_due", { userId });
}

/** An order of two tickets: by an account, or by nobody's under an address. */
async function buy(sale: TestSale, typeId: string, email: string, user: TestUser | null): Promise<Answer["body"]> {
  const headers = user === null ? {} : { ...user.headers };
  const reserved = await http("POST", `${sale.path}/reservations`, {
    headers,
    body: { items: [{ ticketTypeId: typeId, quantity: 2 }] },
  });
  const placed = await http("POST", "/v1/orders", {
    headers: { ...headers, "x-reservation-secret": reserved.body.secret, "idempotency-key": crypto.randomUUID() },
    body: {
      reservationId: reserved.body.id,
      buyer: { name: `Name of ${email}`, email },
      attendees: [{ name: `Guest of ${email}`, email: `guest.${email}` }, { name: "Guest" }],
      answers: { diet: `Diet of ${email}` },
    },
  });
  expect(placed.status).toBe(201);
  return placed.body.order;
}

/** Lets the query model know of an order, as its box office's news would. */
async function copy(sale: TestSale, placed: Answer["body"], change: Partial<Deps> = {}) {
  const { eventId, organizationId } = sale.facts;
  const news = message("order.changed", { eventId, organizationId, orderId: placed.id, sequence: 1 });
  return deliver([news], change);
}

async function rowOf(placed: Answer["body"]) {
  return env.BOOKINGS_DB.prepare(
    "SELECT buyer_name AS name, buyer_email AS email, user_id AS userId FROM orders WHERE id = ?1",
  )
    .bind(placed.id)
    .first();
}

/** The order as its box office has it. */
async function orderOf(placed: Answer["body"]) {
  const eventId = `evt_${placed.id.slice(-26)}` as const;
  const { result } = await deps.offices.run(eventId, "getOrderContents", { orderId: placed.id }, { requestId: "r" });
  return result.ok ? result.value.order : expect.unreachable("the order is there");
}

const gone = { name: "Deleted", email: "", userId: null };
const forgotten = { buyer: { name: "Deleted", email: "" }, userId: null, attendees: null, answers: {} };

/** A person with an order of their account and one under their address, at two events, beside a stranger's. */
async function newScene() {
  const [person, stranger] = [await newPerson(), await newPerson()];
  const [first, second] = [await newSale(), await newSale()];
  const [firstType, secondType] = [await addTicketType(first), await addTicketType(second)];
  const own = await buy(first, firstType.id, `work.${person.email}`, person.user);
  const guest = await buy(second, secondType.id, person.email, null);
  const foreign = await buy(first, firstType.id, stranger.email, stranger.user);
  await copy(first, own);
  await copy(second, guest);
  await copy(first, foreign);
  return { person, stranger, first, second, firstType, secondType, own, guest, foreign };
}

/** Every table of the database that holds a text. */
async function tablesHolding(text: string): Promise<string[]> {
  const { results } = await env.BOOKINGS_DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'sqlite_*'",
  ).all<{ name: string }>();
  const found: string[] = [];
  for (const { name } of results) {
    const { results: rows } = await env.BOOKINGS_DB.prepare(`SELECT * FROM "${name}"`).all();
    if (JSON.stringify(rows).includes(text)) found.push(name);
  }
  return found.sort();
}

test("a person is forgotten in every order of theirs, at its box office and in the query model, and users is told", async () => {
  const { person, own, guest, foreign } = await newScene();
  const strangers = [await rowOf(foreign), await orderOf(foreign)];
  expect((await deliver([await due(person)])).explicitAcks).toEqual(["m0"]);
  for (const placed of [own, guest]) {
    expect(await rowOf(placed)).toEqual(gone);
    expect(await orderOf(placed)).toMatchObject(forgotten);
  }
  expect(await tablesHolding(person.email)).toEqual([]);
  // What is left of them is held against orders that come late, for a week.
  expect(await tablesHolding(person.userId)).toEqual(["erased_persons", "outbox"]);
  expect([await rowOf(foreign), await orderOf(foreign)]).toEqual(strangers);
  expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
});

test("somebody of whom nothing is kept is forgotten, too", async () => {
  const person = await newPerson();
  expect((await deliver([await due(person)])).explicitAcks).toEqual(["m0"]);
  expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
});

test("told twice, and again when users no longer knows of it, changes nothing more", async () => {
  const { person, own, guest } = await newScene();
  const told = await due(person);
  await deliver([told, told]);
  const after = [await orderOf(own), await orderOf(guest)];
  expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
  // Another message, as users' clockwork sends it, is answered again.
  await deliver([await due(person)]);
  expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
  const unknown = await newPerson();
  await deliver([message("user.erasure_due", { userId: unknown.userId })]);
  expect(await answersAbout(unknown.userId)).toEqual(answered(unknown.userId));
  expect([await orderOf(own), await orderOf(guest)]).toEqual(after);
});

test("an account is forgotten by its id even where its address is no longer known", async () => {
  const { person, own, guest } = await newScene();
  await deliver([message("user.erasure_due", { userId: person.userId })]);
  expect(await orderOf(own)).toMatchObject(forgotten);
  expect(await orderOf(guest)).toMatchObject({ buyer: { email: person.email } });
});

describe("whoever dies on the way", () => {
  /** The worker whose database, or whose box offices, fail at the n-th time that they are asked for something. */
  function failing(what: "offices" | "forget" | "commit", at: number): Partial<Deps> {
    let calls = 0;
    const count = (): void => {
      calls += 1;
      if (calls === at) throw new Error("gone");
    };
    if (what === "offices") {
      return {
        offices: {
          run: async (...args) => {
            const answer = await deps.offices.run(...args);
            count(); // the box office has done it, and nobody hears of it
            return answer;
          },
        },
      };
    }
    if (what === "forget") {
      return {
        orders: {
          ...deps.orders,
          forget: async (...args) => {
            count();
            await deps.orders.forget(...args);
          },
        },
      };
    }
    const db = new Proxy(env.BOOKINGS_DB, {
      get: (target, name) =>
        name === "batch"
          ? async (statements: D1PreparedStatement[]) => {
              count();
              return target.batch(statements);
            }
          : (sql: string) => target.prepare(sql),
    });
    return { db };
  }

  test.each([
    ["after the first box office", "offices", 1],
    ["after the second box office", "offices", 2],
    ["before the query model", "forget", 1],
    ["before the answer", "commit", 1],
  ] as const)("%s goes on where it stopped", async (_, what, at) => {
    const { person, own, guest } = await newScene();
    const told = await due(person);
    const first = await deliver([told], failing(what, at));
    expect(first.retryMessages.map(({ msgId }) => msgId)).toEqual(["m0"]);
    expect(await answersAbout(person.userId)).toEqual([]);
    expect((await deliver([told])).explicitAcks).toEqual(["m0"]);
    for (const placed of [own, guest]) {
      expect(await rowOf(placed)).toEqual(gone);
      const { sequence } = await orderOf(placed);
      expect(sequence).toBe(2); // changed once, however often it was asked for
    }
    expect(await answersAbout(person.userId)).toEqual(answered(person.userId));
  });

  test("where users does not answer nothing is forgotten and the message comes again", async () => {
    const { person, own } = await newScene();
    const told = await due(person);
    await usersStub.testDown(1);
    expect((await deliver([told])).retryMessages).toHaveLength(1);
    expect(await rowOf(own)).toMatchObject({ userId: person.userId });
    expect((await deliver([told])).explicitAcks).toEqual(["m0"]);
    expect(await rowOf(own)).toEqual(gone);
  });
});

test("more orders than one run takes on are forgotten over several", async () => {
  const person = await newPerson();
  const count = limits.erasureOrdersPerRunMax + 30;
  await env.BOOKINGS_DB.prepare(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
     INSERT INTO orders (id, event_id, organization_id, user_id, status, sequence, items, total_minor, refunded_minor, currency, buyer_name,
       buyer_email, created_at_ms, updated_at_ms)
     SELECT printf('ord_%020d', i) || ?3, 'evt_' || ?3, 'org_x', ?1, 'confirmed', 1, '[]', 0, 0, 'EUR', 'Buyer', 'a@example.com', i, i FROM n`,
  )
    .bind(person.userId, count, newId("event", 1).slice(4))
    .run();
  const told = await due(person);
  expect((await deliver([told])).retryMessages).toHaveLength(1);
  const left = () =>
    env.BOOKINGS_DB.prepare("SELECT count(*) AS n FROM orders WHERE user_id = ?1").bind(person.userId).first("n");
  expect(await left()).toBe(30);
  expect((await deliver([told])).explicitAcks).toEqual(["m0"]);
  expect(await left()).toBe(0);
});

describe("an order that the query model hears of late", () => {
  test("is forgotten when it comes, of the account and of the address", async () => {
    const { person, first, second, firstType, secondType } = await newScene();
    const late = await buy(first, firstType.id, `work.${person.email}`, person.user);
    const lateGuest = await buy(second, secondType.id, person.email, null);
    await deliver([await due(person)]);
    for (const [sale, placed] of [
      [first, late],
      [second, lateGuest],
    ] as const) {
      expect((await copy(sale, placed)).explicitAcks).toEqual(["m0"]);
      expect(await orderOf(placed)).toMatchObject(forgotten);
      await copy(sale, placed); // the order's own news of it
      expect(await rowOf(placed)).toEqual(gone);
    }
    expect(await tablesHolding(person.email)).toEqual([]);
  });

  test("is forgotten though the first try died", async () => {
    const { person, first, firstType } = await newScene();
    const late = await buy(first, firstType.id, person.email, person.user);
    await deliver([await due(person)]);
    const broken = { offices: { run: () => Promise.reject(new Error("gone")) } };
    expect((await copy(first, late, broken)).retryMessages).toHaveLength(1);
    await copy(first, late);
    expect(await orderOf(late)).toMatchObject(forgotten);
  });

  test("is held against nobody once a week has passed", async () => {
    const person = await newPerson();
    await deliver([await due(person, { requestedAtMs: Date.now() - (limits.erasureWatchedDays + 1) * 86_400_000 })]);
    await deps.tidy();
    expect(await tablesHolding(person.userId)).not.toContain("erased_persons");
  });
});

describe("whoever has the address later", () => {
  test("keeps what they bought under it, before and after it was the other's to give up", async () => {
    const { person, first, firstType } = await newScene();
    const told = await due(person, { requestedAtMs: Date.now() - 1 });
    await deliver([told]);
    const newcomer = await newTestUser();
    const own = await buy(first, firstType.id, person.email, newcomer);
    const guest = await buy(first, firstType.id, person.email, null);
    for (const placed of [own, guest]) await copy(first, placed);
    await deliver([message("user.erasure_due", { userId: person.userId })]);
    const firstOrderMs = Math.min(Date.parse(own.createdAt), Date.parse(guest.createdAt));
    await deliver([await due(person, { requestedAtMs: firstOrderMs - 1 })]);
    for (const placed of [own, guest]) expect(await rowOf(placed)).toMatchObject({ email: person.email });
    expect(await rowOf(own)).toMatchObject({ userId: newcomer.userId });
  });

  test("is not touched by somebody who never proved that it was theirs", async () => {
    const { person, guest } = await newScene();
    const squatter = await newPerson();
    await deliver([await due({ userId: squatter.userId, email: person.email }, { emailVerified: false })]);
    expect(await rowOf(guest)).toMatchObject({ email: person.email });
    expect(await orderOf(guest)).toMatchObject({ buyer: { email: person.email } });
    expect(await answersAbout(squatter.userId)).toEqual(answered(squatter.userId));
  });
});

test("another account's order that names the address keeps its buyer and loses the address", async () => {
  const { person, first, firstType } = await newScene();
  const other = await newTestUser();
  const placed = await buy(first, firstType.id, person.email, other);
  await copy(first, placed);
  await deliver([await due(person)]);
  expect(await rowOf(placed)).toEqual({ name: `Name of ${person.email}`, email: "", userId: other.userId });
  expect(await orderOf(placed)).toMatchObject({ userId: other.userId, buyer: { email: "" } });
});

test("a ticket of somebody forgotten lets its holder in", async () => {
  const { person, first, firstType } = await newScene();
  const { order: placed, secret } = await order(first, firstType.id, 1, {
    buyer: { name: "Buyer One", email: person.email },
  });
  await pay(placed);
  await copy(first, placed);
  await deliver([await due(person)]);
  const headers = { "x-order-secret": secret };
  const tickets = await http("GET", `/v1/orders/${placed.id}/tickets`, { headers });
  const [ticket] = tickets.body.data;
  expect(ticket).toMatchObject({ status: "valid", holderName: "Deleted", code: expect.stringMatching(/^F1\./) });
  const scan = await http("POST", `${first.path}/check-ins`, {
    headers: first.organizer.headers,
    body: { code: ticket.code },
  });
  expect(scan.body).toMatchObject({ result: "admitted", ticket: { holderName: "Deleted" } });
});
