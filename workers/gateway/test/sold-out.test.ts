import { env } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import { expect, test, vi } from "vitest";
import { answering, call } from "./call.ts";

const problem = {
  code: "bookings.sold_out",
  title: "Sold out",
  status: 409,
  detail: "Nothing is left.",
  requestId: "first",
  available: 0,
};

interface Sale {
  readonly event: string;
  readonly ticketType: string;
}
const newSale = (): Sale => ({ event: newId("event", Date.now()), ticketType: newId("ticketType", Date.now()) });

/** Reserves through the gateway; bookings, if asked, answers 409 with the flag. Tells whether bookings was asked. */
async function reserve(
  { event, ticketType }: Sale,
  more: { headers?: Record<string, string>; body?: string; path?: string; flag?: string; answer?: object } = {},
) {
  const requestId = crypto.randomUUID();
  const response = await call(more.path ?? `/v1/events/${event}/reservations`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-request-id": requestId,
      ...answering({
        status: 409,
        headers: { "content-type": "application/problem+json", "foyer-sold-out": more.flag ?? ticketType },
        body: more.answer ?? problem,
      }),
      ...more.headers,
    },
    body: more.body ?? JSON.stringify({ items: [{ ticketTypeId: ticketType, quantity: 1 }] }),
  });
  const body = await response.text();
  return { response, body, requestId, asked: (await env.BOOKINGS.testSeen(requestId)) === 1 };
}

test("what whoever was let into a gated event is told stays between them and bookings", async () => {
  const sale = newSale();
  const grant = { headers: { "x-event-access": "a grant" } };
  for (let times = 0; times < 2; times += 1) expect((await reserve(sale, grant)).asked).toBe(true);
  expect((await reserve(sale)).asked).toBe(true);
  expect((await reserve(sale)).asked).toBe(false);
});

test("what was sold out a moment ago is refused without asking, in the same words and with the caller's own id", async () => {
  const sale = newSale();
  const first = await reserve(sale);
  expect(first.asked).toBe(true);
  expect(first.response.headers.has("foyer-sold-out")).toBe(false);
  const second = await reserve(sale);
  expect(second.asked).toBe(false);
  expect(second.response.status).toBe(409);
  expect(JSON.parse(second.body)).toEqual({ ...problem, requestId: second.requestId });
  expect(second.response.headers.get("x-request-id")).toBe(second.requestId);
  const comparable = (headers: Headers) =>
    Object.fromEntries([...headers].filter(([name]) => !["x-request-id", "content-length"].includes(name)));
  expect({ ...comparable(first.response.headers), "cache-control": "no-store" }).toEqual(
    comparable(second.response.headers),
  );
});

test("pages of allowed origins can read the refusal, others cannot", async () => {
  const sale = newSale();
  await reserve(sale);
  const allowed = await reserve(sale, { headers: { origin: "https://door.example" } });
  const stranger = await reserve(sale, { headers: { origin: "https://evil.example" } });
  expect([allowed.asked, stranger.asked]).toEqual([false, false]);
  expect(allowed.response.headers.get("access-control-allow-origin")).toBe("https://door.example");
  expect(stranger.response.headers.has("access-control-allow-origin")).toBe(false);
});

test("a request with an idempotency key is never refused here, since it may repeat one that got tickets", async () => {
  const sale = newSale();
  await reserve(sale);
  expect((await reserve(sale)).asked).toBe(false);
  expect((await reserve(sale, { headers: { "idempotency-key": "k" } })).asked).toBe(true);
});

test("a refusal tells others of the ticket type that they ask for, and of nothing else that the first caller asked for", async () => {
  const sale = newSale();
  const hidden = newId("ticketType", Date.now());
  const answer = {
    ...problem,
    available: [
      { ticketTypeId: sale.ticketType, available: 0 },
      { ticketTypeId: hidden, available: 12 },
    ],
  };
  const items = [sale.ticketType, hidden].map((ticketTypeId) => ({ ticketTypeId, quantity: 1 }));
  const first = await reserve(sale, { body: JSON.stringify({ items, accessCode: "friends" }), answer });
  expect(JSON.parse(first.body).available).toHaveLength(2);
  const second = await reserve(sale);
  expect(second.asked).toBe(false);
  expect(second.body).not.toContain(hidden);
  expect(JSON.parse(second.body).available).toEqual([{ ticketTypeId: sale.ticketType, available: 0 }]);
});

test("within a second bookings is asked again", async () => {
  const sale = newSale();
  const startedMs = Date.now();
  await reserve(sale);
  await vi.waitFor(async () => expect((await reserve(sale)).asked).toBe(true), { timeout: 2_000, interval: 25 });
  expect(Date.now() - startedMs).toBeLessThan(1_500);
});

test("another event and another ticket type are not concerned", async () => {
  const sale = newSale();
  await reserve(sale);
  expect((await reserve({ ...sale, event: newId("event", Date.now()) })).asked).toBe(true);
  expect((await reserve({ ...sale, ticketType: newId("ticketType", Date.now()) })).asked).toBe(true);
});

const unusual: readonly [string, (sale: Sale) => { body?: string; headers?: Record<string, string>; path?: string }][] =
  [
    ["a malformed body", () => ({ body: '{"items":[' })],
    [
      "an access code",
      ({ ticketType }) => ({
        body: JSON.stringify({ items: [{ ticketTypeId: ticketType, quantity: 1 }], accessCode: "x" }),
      }),
    ],
    [
      "a quantity of zero",
      ({ ticketType }) => ({ body: JSON.stringify({ items: [{ ticketTypeId: ticketType, quantity: 0 }] }) }),
    ],
    [
      "an unknown field",
      ({ ticketType }) => ({ body: JSON.stringify({ items: [{ ticketTypeId: ticketType, quantity: 1, x: 1 }] }) }),
    ],
    ["another content type", () => ({ headers: { "content-type": "text/plain" } })],
    ["a query", ({ event }) => ({ path: `/v1/events/${event}/reservations?x=1` })],
  ];

test.each(unusual)("%s is left for bookings to judge, with its body whole", async (_, change) => {
  const sale = newSale();
  await reserve(sale);
  expect((await reserve(sale)).asked).toBe(false);
  expect((await reserve(sale, change(sale))).asked).toBe(true);
});

test("a body that was looked into arrives unchanged", async () => {
  const sale = newSale();
  await reserve(sale);
  const other = JSON.stringify({ items: [{ ticketTypeId: newId("ticketType", Date.now()), quantity: 2 }] });
  const response = await call(`/v1/events/${sale.event}/reservations`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: other,
  });
  expect(await response.json()).toMatchObject({ worker: "bookings", method: "POST", bytes: other.length });
});

test("only bookings' 409 counts: the same header on another answer flags nothing", async () => {
  const sale = newSale();
  const flagged = answering({ status: 201, headers: { "foyer-sold-out": sale.ticketType }, body: problem });
  await reserve(sale, { headers: flagged });
  expect((await reserve(sale)).asked).toBe(true);
});
