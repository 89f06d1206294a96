import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { signEventAccess } from "@foyer/auth/event-access";
import { limits } from "@foyer/kernel/limits";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createBookingsApp } from "../../src/app.ts";
import { createDeps } from "../../src/deps.ts";
import { beforeApp } from "../../src/routes/rush.ts";
import { addTicketType, newSale, type TestSale } from "../support.ts";

const deps = createDeps(env);
const app = createBookingsApp(() => deps);
let left = 0;
const front = beforeApp(
  () => deps,
  (request, bindings, context) => {
    left += 1;
    return app.fetch(request, bindings, context);
  },
);

interface Sent {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What a caller sees. */
async function ask(through: "app" | "front", { path, method = "POST", headers = {}, body = "" }: Sent) {
  const context = createExecutionContext();
  const request = new Request(`https://bookings${path}`, {
    method,
    headers: { "content-type": "application/json", "x-request-id": "req_same", ...headers },
    ...(method === "GET" ? {} : { body }),
  });
  const serve = through === "app" ? app.fetch : front;
  const response = await serve(request, env, context);
  const text = await response.text();
  await waitOnExecutionContext(context);
  return { status: response.status, headers: Object.fromEntries(response.headers), text };
}

/** The same, with what is made anew for each request named by its kind. */
function alike({ status, headers, text }: Awaited<ReturnType<typeof ask>>) {
  const named = text
    .replace(/"id":"rsv_[0-9a-z]+"/, '"id":"rsv"')
    .replace(/"expiresAt":"[^"]+"/, '"expiresAt":"soon"')
    .replace(/"secret":"[\w-]{43}"/, '"secret":"secret"');
  return { status, headers, text: named };
}

async function expectSame(sent: Sent): Promise<number> {
  const [first, second] = [await ask("app", sent), await ask("front", sent)];
  expect(alike(second)).toEqual(alike(first));
  return first.status;
}

const one = (ticketTypeId: string, quantity: unknown = 1) => JSON.stringify({ items: [{ ticketTypeId, quantity }] });

async function scene(): Promise<{ sale: TestSale; path: string; open: string; gone: string; hidden: string }> {
  const sale = await newSale();
  const open = await addTicketType(sale, { capacity: 5_000 });
  const gone = await addTicketType(sale, { capacity: 1 });
  const hidden = await addTicketType(sale, { capacity: 5_000, visibility: "hidden", accessCode: "SESAME" });
  const path = `${sale.path}/reservations`;
  expect((await ask("app", { path, body: one(gone.id) })).status).toBe(201);
  return { sale, path, open: open.id, gone: gone.id, hidden: hidden.id };
}

test("the front and the app answer a table of good and bad requests alike", async () => {
  const { path, open, gone, hidden } = await scene();
  const { headers } = await newTestUser();
  const statuses = new Set<number>();
  const requests: Sent[] = [
    { path, body: one(open) },
    { path, body: one(open), headers },
    { path, body: one(open, 3), headers: { "content-type": "application/json; charset=utf-8" } },
    { path: `${path}?a=1`, body: one(open) },
    { path: `${path}/`, body: one(open) },
    { path: path.replace("evt_", "%65vt_"), body: one(open) },
    { path: path.replace(/evt_\w/, "evt_!"), body: one(open) },
    { path: path.replace(/evt_....../, "evt_000000"), body: one(open) },
    { path, method: "GET" },
    { path, method: "PUT", body: one(open) },
    { path, body: one(gone) },
    { path, body: one(hidden) },
    { path, body: JSON.stringify({ items: [{ ticketTypeId: hidden, quantity: 1 }], accessCode: "SESAME" }) },
    { path, body: one(`tt_${"0".repeat(26)}`) },
    { path, body: one(open, 11) },
    { path, body: one(open), headers: { "idempotency-key": "with space" } },
    { path, body: one(open), headers: { "idempotency-key": "" } },
    { path, body: one(open), headers: { "idempotency-key": "k".repeat(limits.idempotencyKeyCharsMax + 1) } },
    { path, body: one(open), headers: { "content-type": "text/plain" } },
    { path, body: one(open), headers: { "content-type": "application/jsonp" } },
    { path, body: one(open), headers: { "content-type": "application/problem+json" } },
    ...["", "{", "null", "[]", "{}", '"x"', "1", one(open, -1), one(open, 0), one(open, 1e9), one(open, 1.5)].map(
      (body) => ({ path, body }),
    ),
    ...[one(open, "1"), one("x"), one("\u0000"), one("🎟️"), one(open).replace("{", '{"price":0,')].map((body) => ({
      path,
      body,
    })),
    { path, body: JSON.stringify({ items: Array.from({ length: 50 }, () => ({ ticketTypeId: open, quantity: 1 })) }) },
    { path, body: JSON.stringify({ items: [0, 1].map(() => ({ ticketTypeId: open, quantity: 1 })) }) },
    { path, body: one(open).replace("{", '{"__proto__":{"accessCode":"SESAME"},') },
    ...Object.values(await badTokens()).map((token) => ({
      path,
      body: one(open),
      headers: { authorization: `Bearer ${token}` },
    })),
    { path, body: one(open), headers: { authorization: "Basic abc" } },
    { path, body: "{", headers: { authorization: "Basic abc" } },
  ];
  for (const sent of requests) statuses.add(await expectSame(sent));
  expect([...statuses].sort()).toEqual([201, 400, 401, 404, 409, 415, 422]);
});

test("the front and the app let the same grants into a gated event", async () => {
  const sale = await newSale({ accessVersion: 2 });
  const type = await addTicketType(sale, { capacity: 5_000 });
  const path = `${sale.path}/reservations`;
  const endsAtSeconds = Math.floor(Date.now() / 1_000) + 60;
  const grantOf = (accessVersion: number) =>
    signEventAccess(env.EVENT_ACCESS_SECRET, { eventId: sale.eventId, accessVersion, endsAtSeconds });
  const before = left;
  const statuses: number[] = [];
  for (const grant of [await grantOf(2), await grantOf(1), "", "x", "9".repeat(9_000)])
    statuses.push(await expectSame({ path, body: one(type.id), headers: { "x-event-access": grant } }));
  statuses.push(await expectSame({ path, body: one(type.id) }));
  expect(statuses).toEqual([201, 403, 403, 403, 403, 403]);
  expect(left).toBe(before);
});

test("for anything that can be sent as a body, the front and the app answer alike", async () => {
  const { path, open, gone, hidden } = await scene();
  const type = fc.constantFrom(open, open, gone, hidden);
  const good = fc.record({ ticketTypeId: type, quantity: fc.integer({ min: 1, max: 10 }) });
  const strange = fc.record(
    { ticketTypeId: fc.oneof(type, fc.string()), quantity: fc.jsonValue(), extra: fc.jsonValue() },
    { requiredKeys: ["ticketTypeId"] },
  );
  const item = fc.oneof({ weight: 5, arbitrary: good }, { weight: 1, arbitrary: strange });
  const body = fc.oneof(
    { weight: 5, arbitrary: fc.record({ items: fc.array(item, { maxLength: 3 }) }).map((it) => JSON.stringify(it)) },
    fc
      .record({ items: fc.array(item, { maxLength: 2 }), accessCode: fc.oneof(fc.constant("SESAME"), fc.jsonValue()) })
      .map((it) => JSON.stringify(it)),
    fc.json(),
    fc.string(),
  );
  let made = 0;
  await fc.assert(
    fc.asyncProperty(body, async (sent) => {
      if ((await expectSame({ path, body: sent })) === 201) made += 1;
    }),
    { numRuns: 150 },
  );
  expect(made).toBeGreaterThan(0);
});

test("a key's first answer is replayed by whichever of the two is asked next, and another body is refused by both", async () => {
  const { path, open } = await scene();
  const { headers } = await newTestUser();
  const orders = [
    ["app", "front"],
    ["front", "app"],
  ] as const;
  for (const [first, second] of orders) {
    for (const [status, body] of [
      [201, one(open)],
      [404, one(`tt_${"0".repeat(26)}`)],
    ] as const) {
      const sent = { path, body, headers: { ...headers, "idempotency-key": `${status}-by-${first}` } };
      const given = await ask(first, sent);
      expect(given.status).toBe(status);
      for (const through of [first, second]) {
        const again = await ask(through, sent);
        expect(again.text).toBe(given.text);
        expect(again.headers).toEqual({ ...given.headers, "idempotent-replayed": "true" });
        expect((await ask(through, { ...sent, body: one(open, 2) })).text).toContain("idempotency.mismatch");
      }
    }
  }
});

test("only what is well-formed is answered without the app", async () => {
  const { path, open, gone } = await scene();
  const { headers } = await newTestUser();
  const before = left;
  for (const body of [one(open), one(gone)]) await ask("front", { path, body, headers });
  expect(left).toBe(before);
  await ask("front", { path, body: one(open, 0), headers });
  expect(left).toBe(before + 1);
});
