import { env } from "cloudflare:workers";
import { verifyEventAccess } from "@foyer/auth/event-access";
import type { EventAccessView } from "@foyer/contracts/events/access";
import type { EventView } from "@foyer/contracts/events/api";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { createAccessGuard } from "../../src/clients/access-guard.ts";
import { createEventSecrets } from "../../src/clients/event-secrets.ts";
import { attemptPolicies } from "../../src/domain/attempts.ts";
import { createAccessAttemptRepository } from "../../src/repository/access-attempts.ts";
import {
  call,
  createDraft,
  createPublished,
  eventBody,
  freshTitle,
  move,
  newOrganizer,
  problemOf,
  type TestOrganizer,
} from "../helpers.ts";
import { outboxOf, ownApp } from "../own-app.ts";

const secret = "another secret of the tests and of no deployment";
const password = "open sesame";

function network(): Record<string, string> {
  const bytes = crypto.getRandomValues(new Uint8Array(3));
  return { "cf-connecting-ip": `10.${bytes.join(".")}` };
}

async function gated(organizer: TestOrganizer, more: Record<string, unknown> = {}): Promise<EventView> {
  return createPublished(organizer, { visibility: "password", password, title: freshTitle(), ...more });
}

function enter(event: EventView, body: unknown, headers: Record<string, string> = network()): Promise<Response> {
  return call("POST", `/v1/events/${event.id}/access`, { body, headers });
}

async function grantTo(event: EventView): Promise<string> {
  const response = await enter(event, { password });
  expect(response.status).toBe(200);
  return ((await response.json()) as EventAccessView).grant;
}

/** Every way to read something of an event. */
function readings(event: EventView, organizer: TestOrganizer): string[] {
  return [
    `/v1/events/${event.id}`,
    `/v1/events/${event.slug}`,
    `/v1/organizations/${organizer.organizationId}/events/${event.slug}`,
    `/v1/events/${event.id}/schema.json`,
    `/v1/events/${event.id}/media`,
  ];
}

describe("behind a password", () => {
  test("others learn the title and nothing else, on every address", async () => {
    const organizer = await newOrganizer();
    const event = await gated(organizer, { description: "A secret programme." });
    for (const path of readings(event, organizer)) {
      for (const options of [
        {},
        { user: await newTestUser() },
        { headers: { "x-event-access": "1.9999999999.made-up" } },
      ]) {
        const response = await call("GET", path, options);
        expect([path, response.status]).toEqual([path, 403]);
        const text = await response.clone().text();
        expect(await problemOf(response)).toMatchObject({ code: "events.password_required", eventTitle: event.title });
        expect(text).not.toContain("secret programme");
        expect(text).not.toContain("Town Hall");
      }
    }
  });

  test("the password gives a grant that opens every address for twelve hours, and nobody keeps what it opens", async () => {
    const organizer = await newOrganizer();
    const event = await gated(organizer);
    const startedMs = Date.now();
    const response = await enter(event, { password });
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "private, no-store"]);
    const { grant, endsAt, eventId }: EventAccessView = await response.json();
    expect(eventId).toBe(event.id);
    expect(Math.abs(Date.parse(endsAt) - startedMs - limits.eventAccessTtlSeconds * 1000)).toBeLessThan(5_000);
    expect(await verifyEventAccess(secret, grant, { eventId: event.id, nowMs: startedMs })).toBe(1);
    expect(await verifyEventAccess(secret, grant, { eventId: event.id, nowMs: Date.parse(endsAt) })).toBeNull();
    for (const path of readings(event, organizer)) {
      const read = await call("GET", path, { headers: { "x-event-access": grant } });
      expect([path, read.status, read.headers.get("cache-control")]).toEqual([path, 200, "private, no-store"]);
      expect(read.headers.get("vary")).toContain("x-event-access");
      expect((await call("GET", path)).status).toBe(403);
    }
  });

  test("a grant opens no other event", async () => {
    const organizer = await newOrganizer();
    const [mine, other] = [await gated(organizer), await gated(organizer)];
    const grant = await grantTo(mine);
    expect((await call("GET", `/v1/events/${other.id}`, { headers: { "x-event-access": grant } })).status).toBe(403);
  });

  test("another password shuts out whoever has a grant, at once; the same again does not", async () => {
    const organizer = await newOrganizer();
    const event = await gated(organizer);
    const grant = await grantTo(event);
    const patch = (body: object) => call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body });
    const status = async () =>
      (await call("GET", `/v1/events/${event.id}`, { headers: { "x-event-access": grant } })).status;
    await patch({ password });
    expect(await status()).toBe(200);
    await patch({ password: "another one" });
    expect(await status()).toBe(403);
    expect((await enter(event, { password })).status).toBe(403);
    expect((await enter(event, { password: "another one" })).status).toBe(200);
  });

  test("the password is in no answer, no message and no row", async () => {
    const organizer = await newOrganizer();
    const app = ownApp();
    const body = eventBody(organizer.organizationId, { visibility: "password", password });
    const created = await app.fetch("POST", "/v1/events", { user: organizer.user, body });
    const text = await created.text();
    const event: EventView = JSON.parse(text);
    await app.fetch("POST", `/v1/events/${event.id}/publish`, { user: organizer.user });
    const row = await env.EVENTS_DB.prepare("SELECT * FROM events WHERE id = ?1").bind(event.id).first();
    const said = [text, JSON.stringify(row), JSON.stringify(await outboxOf(event.id))].join();
    expect(said).not.toContain(password);
    expect(text).not.toMatch(/password[A-Z_]|hash|accessVersion/i);
  });

  test("search is told nothing, and bookings the version that grants must name", async () => {
    const organizer = await newOrganizer();
    const app = ownApp();
    const draft = await createDraft(organizer, { visibility: "password", password });
    await app.fetch("POST", `/v1/events/${draft.id}/publish`, { user: organizer.user });
    const told = await outboxOf(draft.id);
    expect(told.map(({ consumer, type }) => [consumer, type])).toEqual([["bookings", "event.published"]]);
    expect(told[0]?.envelope.payload).toMatchObject({ event: { accessVersion: 1 } });
    await app.fetch("PATCH", `/v1/events/${draft.id}`, { user: organizer.user, body: { password: "another one" } });
    expect((await outboxOf(draft.id)).at(-1)?.envelope.payload).toMatchObject({ event: { accessVersion: 2 } });
    const calls = await env.BOOKINGS.testCalls(draft.id);
    expect(calls.find(({ method }) => method === "openSale")?.event).toMatchObject({ accessVersion: 1 });
    const list = await call("GET", `/v1/events?organizationId=${organizer.organizationId}`);
    expect(await list.json()).toMatchObject({ data: [] });
  });

  test("one that was listed leaves search and the cache when it is gated", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer, { title: freshTitle() });
    const app = ownApp();
    expect((await app.fetch("GET", `/v1/events/${event.slug}`)).status).toBe(200);
    await app.fetch("PATCH", `/v1/events/${event.id}`, {
      user: organizer.user,
      body: { visibility: "password", password },
    });
    expect((await app.fetch("GET", `/v1/events/${event.slug}`)).status).toBe(403);
    const told = (await outboxOf(event.id)).map(({ consumer, type }) => `${consumer} ${type}`);
    expect(told).toContain("search event.unpublished");
    expect(told).not.toContain("search event.updated");
  });

  test("needs a password, of four to a hundred characters, and only it takes one", async () => {
    const organizer = await newOrganizer();
    const create = async (more: Record<string, unknown>) => {
      const body = eventBody(organizer.organizationId, more);
      return (await call("POST", "/v1/events", { user: organizer.user, body })).status;
    };
    expect(await create({ visibility: "password" })).toBe(422);
    expect(await create({ visibility: "public", password })).toBe(422);
    expect(await create({ visibility: "private", password })).toBe(422);
    for (const [length, status] of [
      [3, 422],
      [4, 201],
      [100, 201],
      [101, 422],
    ] as const)
      expect([length, await create({ visibility: "password", password: "x".repeat(length) })]).toEqual([
        length,
        status,
      ]);
    const event = await gated(organizer);
    const put = await call("PUT", `/v1/events/${event.id}`, {
      user: organizer.user,
      body: { ...eventBody("x"), organizationId: undefined, visibility: "password" },
    });
    expect(put.status).toBe(200);
    expect((await enter(event, { password })).status).toBe(200);
    await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { visibility: "public" } });
    const again = await call("PATCH", `/v1/events/${event.id}`, {
      user: organizer.user,
      body: { visibility: "password" },
    });
    expect([again.status, (await problemOf(again)).errors]).toMatchObject([422, [{ path: "password" }]]);
  });
});

describe("getting in", () => {
  test("a wrong password, an invitation that is none and nothing at all are refused alike", async () => {
    const event = await gated(await newOrganizer());
    for (const body of [{ password: "wrong" }, { invitation: "gst_x.y" }, {}]) {
      const response = await enter(event, body);
      expect([response.status, (await problemOf(response)).code]).toEqual([403, "events.access_denied"]);
    }
    expect((await enter(event, { password, invitation: "x" })).status).toBe(422);
    expect((await enter(event, { password, grant: "x" })).status).toBe(422);
  });

  test("members need nothing; an open event asks for nothing; a draft is absent", async () => {
    const organizer = await newOrganizer();
    const event = await gated(organizer);
    const member = await call("POST", `/v1/events/${event.id}/access`, { user: organizer.user, body: {} });
    expect(member.status).toBe(200);
    const open = await createPublished(organizer);
    expect((await problemOf(await enter(open, {}))).code).toBe("events.not_gated");
    const draft = await createDraft(organizer, { visibility: "password", password });
    for (const path of [draft.id, newId("event", Date.now())]) {
      const response = await call("POST", `/v1/events/${path}/access`, { body: { password }, headers: network() });
      expect([response.status, (await problemOf(response)).code]).toEqual([404, "events.not_found"]);
    }
  });

  test("guesses from one network are counted exactly, however many come at once, and then have to wait", async () => {
    const event = await gated(await newOrganizer());
    const headers = network();
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, index) => enter(event, { password: `wrong ${index}` }, headers)),
    );
    const taken = answers.filter(({ status }) => status === 403);
    const refused = answers.filter(({ status }) => status === 429);
    // The sixth is taken and begins the first wait.
    expect(taken).toHaveLength(attemptPolicies.here.free + 1);
    expect(refused).toHaveLength(60 - taken.length);
    for (const response of refused) expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await enter(event, { password }, headers)).status).toBe(429);
    expect((await enter(event, { password })).status).toBe(200);
    const other = await gated(await newOrganizer());
    expect((await enter(other, { password }, headers)).status).toBe(200);
  });

  test("the right password is held against nobody", async () => {
    const event = await gated(await newOrganizer());
    const headers = network();
    for (let count = 0; count < 20; count += 1) expect((await enter(event, { password }, headers)).status).toBe(200);
  });

  test("a crowd of guesses at once, from as many networks or from one: as many are looked at as the policy says", async () => {
    const nowMs = Date.now();
    const attempts = createAccessAttemptRepository(env.EVENTS_DB);
    let asked = 0;
    const counted = {
      ...attempts,
      begin: (...input: Parameters<typeof attempts.begin>) => {
        asked += 1;
        return attempts.begin(...input);
      },
    };
    const guard = createAccessGuard(counted, createEventSecrets(secret), { nowMs: () => nowMs });
    const eventId = newId("event", nowMs);
    const takenOf = async (networks: number, from: (index: number) => string): Promise<number> => {
      let taken = 0;
      for (let at = 0; at < networks; at += 200) {
        const results = await Promise.all(
          Array.from({ length: Math.min(200, networks - at) }, (_, index) => guard.begin(eventId, from(at + index))),
        );
        taken += results.filter(({ ok }) => ok).length;
      }
      return taken;
    };
    expect(await takenOf(400, (index) => `10.0.${index >> 8}.${index & 255}`)).toBe(attemptPolicies.anywhere.free + 1);
    // From one network, a wait that the isolate knows of costs no question at all.
    const eventOfOne = newId("event", nowMs);
    asked = 0;
    let taken = 0;
    for (let at = 0; at < 10_000; at += 200) {
      const results = await Promise.all(Array.from({ length: 200 }, () => guard.begin(eventOfOne, "10.9.9.9")));
      taken += results.filter(({ ok }) => ok).length;
    }
    expect(taken).toBe(attemptPolicies.here.free + 1);
    expect(asked).toBeLessThanOrEqual(200 + taken);
  });

  test("waits double up to their longest, and a day without a guess forgets them", async () => {
    let nowMs = Date.now();
    const guard = createAccessGuard(createAccessAttemptRepository(env.EVENTS_DB), createEventSecrets(secret), {
      nowMs: () => nowMs,
    });
    const eventId = newId("event", nowMs);
    const waits: number[] = [];
    for (let count = 0; count < attemptPolicies.here.free; count += 1)
      expect((await guard.begin(eventId, "10.1.1.1")).ok).toBe(true);
    for (let count = 0; count < 14; count += 1) {
      expect((await guard.begin(eventId, "10.1.1.1")).ok).toBe(true);
      const refused = await guard.begin(eventId, "10.1.1.1");
      const seconds = refused.ok ? 0 : (refused.error.retryAfterSeconds ?? 0);
      waits.push(seconds);
      nowMs += seconds * 1_000;
    }
    expect(waits.slice(0, 10)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512]);
    expect(waits.slice(10)).toEqual([900, 900, 900, 900]);
    nowMs += 25 * 3_600_000;
    for (let count = 0; count < attemptPolicies.here.free; count += 1)
      expect((await guard.begin(eventId, "10.1.1.1")).ok).toBe(true);
  });
});

describe("private", () => {
  test("is absent for whoever is not invited, on every address and whatever they try", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer, { visibility: "private", title: freshTitle() });
    for (const path of readings(event, organizer))
      for (const options of [{}, { user: await newTestUser() }, { user: (await newOrganizer()).user }])
        expect([path, (await call("GET", path, options)).status]).toEqual([path, 404]);
    for (const body of [{ password }, { invitation: "gst_x.y" }, {}]) {
      const response = await enter(event, body);
      expect([response.status, (await problemOf(response)).code]).toEqual([404, "events.not_found"]);
    }
    for (const path of readings(event, organizer))
      expect((await call("GET", path, { user: organizer.user })).status).toBe(200);
  });

  test("a grant from before an event became private is void", async () => {
    const organizer = await newOrganizer();
    const event = await gated(organizer);
    const grant = await grantTo(event);
    await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { visibility: "private" } });
    expect((await call("GET", `/v1/events/${event.id}`, { headers: { "x-event-access": grant } })).status).toBe(404);
  });
});

describe("joining online", () => {
  const url = "https://meet.example/room";
  const online = { location: { kind: "online", url } };

  test("is for members and holders of a ticket: by account, or by order and secret", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer, online);
    const path = `/v1/events/${event.id}/join`;
    const [holder, stranger] = [await newTestUser(), await newTestUser()];
    const orderId = `ord_${"0".repeat(20)}${event.id.slice(4)}`;
    await env.BOOKINGS.testHolder(event.id, { userId: holder.userId });
    await env.BOOKINGS.testHolder(event.id, { orderId, secret: "right" });
    const seen = async (options: Parameters<typeof call>[2], query = ""): Promise<unknown> => {
      const response = await call("GET", `${path}${query}`, options);
      expect(response.headers.get("cache-control")).toContain("no-store");
      return response.status === 200 ? response.json() : response.status;
    };
    expect(await seen({ user: organizer.user })).toEqual({ url });
    expect(await seen({ user: holder })).toEqual({ url });
    expect(await seen({ headers: { "x-order-secret": "right" } }, `?orderId=${orderId}`)).toEqual({ url });
    expect(await seen({ headers: { "x-order-secret": "wrong" } }, `?orderId=${orderId}`)).toBe(404);
    expect(await seen({}, `?orderId=${orderId}`)).toBe(404);
    expect(await seen({ user: stranger })).toBe(404);
    expect(await seen({})).toBe(404);
    expect((await call("GET", `${path}?orderId=nonsense`)).status).toBe(422);
  });

  test("there is nothing to join at a venue, in a draft, or while bookings cannot be asked", async () => {
    const organizer = await newOrganizer();
    const holder = await newTestUser();
    const hall = await createPublished(organizer);
    const draft = await createDraft(organizer, online);
    for (const event of [hall, draft]) {
      await env.BOOKINGS.testHolder(event.id, { userId: holder.userId });
      expect((await call("GET", `/v1/events/${event.id}/join`, { user: holder })).status).toBe(404);
    }
    const event = await move(organizer, draft, "publish");
    await env.BOOKINGS.testDown(organizer.organizationId, true);
    expect((await call("GET", `/v1/events/${event.id}/join`, { user: holder })).status).toBe(503);
    await env.BOOKINGS.testDown(organizer.organizationId, false);
    expect((await call("GET", `/v1/events/${event.id}/join`, { user: holder })).status).toBe(200);
  });
});

test("an image of a gated event is delivered to members and holders of a grant, and kept by nobody", async () => {
  const organizer = await newOrganizer();
  const event = await gated(organizer);
  const png = Uint8Array.from(
    atob("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="),
    (char) => char.charCodeAt(0),
  );
  const { exports } = await import("cloudflare:workers");
  const uploaded = await exports.default.fetch(`https://events.example/v1/events/${event.id}/media`, {
    method: "POST",
    headers: { ...organizer.user.headers, "content-type": "image/png" },
    body: png,
  });
  expect(uploaded.status).toBe(201);
  const { id }: { id: string } = await uploaded.json();
  const grant = await grantTo(event);
  expect((await call("GET", `/v1/media/${id}`)).status).toBe(404);
  for (const options of [{ user: organizer.user }, { headers: { "x-event-access": grant } }]) {
    const response = await call("GET", `/v1/media/${id}`, options);
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "private, no-store"]);
    await response.arrayBuffer();
  }
});
