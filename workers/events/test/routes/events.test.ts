import { env } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import { isId, newId } from "@foyer/kernel/ids";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import {
  call,
  createDraft,
  createPublished,
  eventBody,
  freshTitle,
  newMember,
  newOrganizer,
  problemOf,
} from "../helpers.ts";

describe("creating", () => {
  test("a draft comes back whole, in its own time zone, and its box office is made known first", async () => {
    const organizer = await newOrganizer();
    const response = await call("POST", "/v1/events", {
      user: organizer.user,
      body: eventBody(organizer.organizationId, {
        startsAt: "2031-07-01T18:00:00Z",
        endsAt: "2031-07-01T23:00:00+02:00",
      }),
    });
    expect(response.status).toBe(201);
    const event: EventView = await response.json();
    expect(response.headers.get("etag")).toBe('"1"');
    expect(response.headers.get("location")).toBe(`/v1/events/${event.id}`);
    expect(isId("event", event.id)).toBe(true);
    expect(event).toMatchObject({
      status: "draft",
      version: 1,
      title: "Summer Night",
      summary: "An evening of music.",
      startsAt: { utc: "2031-07-01T18:00:00.000Z", local: "2031-07-01T20:00:00", timezone: "Europe/Berlin" },
      endsAt: { utc: "2031-07-01T21:00:00.000Z", local: "2031-07-01T23:00:00", timezone: "Europe/Berlin" },
      organization: { id: organizer.organizationId },
      tags: ["jazz", "open air"],
      visibility: "public",
      cover: null,
      publishedAt: null,
    });
    const calls = await env.BOOKINGS.testCalls(event.id);
    expect(calls).toMatchObject([
      {
        method: "prepareSale",
        actor: { kind: "system", name: "events" },
        event: { eventId: event.id, version: 1, status: "draft", place: "Town Hall, Berlin" },
      },
    ]);
  });

  test("two events of one title have two slugs", async () => {
    const organizer = await newOrganizer();
    const title = `Twin ${newId("event", Date.now()).slice(-8)}`;
    const first = await createDraft(organizer, { title });
    const second = await createDraft(organizer, { title });
    expect(first.slug).toBe(title.toLowerCase().replace(" ", "-"));
    expect(second.slug.startsWith(`${first.slug}-`)).toBe(true);
  });

  test("many events of one title at once all get slugs of their own", async () => {
    const organizer = await newOrganizer();
    const title = `Crowd ${newId("event", Date.now()).slice(-8)}`;
    const events = await Promise.all(Array.from({ length: 8 }, () => createDraft(organizer, { title })));
    expect(new Set(events.map((event) => event.slug)).size).toBe(8);
  });

  test("a title of emoji alone is fine and still has an address", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer, { title: "🎉🎶" });
    expect(event.title).toBe("🎉🎶");
    expect(event.slug).toMatch(/^event(-[0-9a-z]+)?$/);
    expect((await call("GET", `/v1/events/${event.slug}`, { user: organizer.user })).status).toBe(200);
  });

  test("the same idempotency key makes one event", async () => {
    const organizer = await newOrganizer();
    const headers = { "idempotency-key": crypto.randomUUID() };
    const body = eventBody(organizer.organizationId);
    const first = await call("POST", "/v1/events", { user: organizer.user, body, headers });
    const second = await call("POST", "/v1/events", { user: organizer.user, body, headers });
    expect(second.headers.get("idempotent-replayed")).toBe("true");
    expect(await second.json()).toEqual(await first.json());
    const other = await call("POST", "/v1/events", { user: organizer.user, body: { ...body, title: "Else" }, headers });
    expect(other.status).toBe(422);
    expect((await problemOf(other)).code).toBe("idempotency.mismatch");
  });

  test("while bookings is down nothing is written and the caller is told to come back", async () => {
    const organizer = await newOrganizer();
    await env.BOOKINGS.testDown(organizer.organizationId, true);
    const response = await call("POST", "/v1/events", {
      user: organizer.user,
      body: eventBody(organizer.organizationId),
      headers: { "idempotency-key": "retry-me" },
    });
    expect(response.status).toBe(503);
    expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
    expect((await problemOf(response)).code).toBe("platform.unavailable");
    const rows = await env.EVENTS_DB.prepare("SELECT count(*) AS n FROM events WHERE organization_id = ?1")
      .bind(organizer.organizationId)
      .first<{ n: number }>();
    expect(rows?.n).toBe(0);

    await env.BOOKINGS.testDown(organizer.organizationId, false);
    const again = await call("POST", "/v1/events", {
      user: organizer.user,
      body: eventBody(organizer.organizationId),
      headers: { "idempotency-key": "retry-me" },
    });
    expect([again.status, again.headers.get("idempotent-replayed")]).toEqual([201, null]);
  });

  test("an unknown category is a fault of that field", async () => {
    const organizer = await newOrganizer();
    const response = await call("POST", "/v1/events", {
      user: organizer.user,
      body: eventBody(organizer.organizationId, { categoryId: newId("category", Date.now()) }),
    });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors).toMatchObject([{ path: "categoryId" }]);
  });

  test.each([
    ["an unknown field", { price: 1 }, "price"],
    ["a status of the caller's choosing", { status: "published" }, "status"],
    ["a NUL in the title", { title: "a\u0000b" }, "title"],
    ["an escape in the title", { title: "a\u001b[31m" }, "title"],
    ["a line break in the title", { title: "a\r\nBcc: x" }, "title"],
    ["half a character in the title", { title: "a\ud83c" }, "title"],
    ["an empty title", { title: "  " }, "title"],
    ["a huge title", { title: "x".repeat(201) }, "title"],
    ["a huge description", { description: "x".repeat(20_001) }, "description"],
    ["a number for a title", { title: 7 }, "title"],
    ["an end before the start", { startsAt: "2031-01-02T00:00:00Z", endsAt: "2031-01-01T00:00:00Z" }, "endsAt"],
    ["an end at the start", { startsAt: "2031-01-02T00:00:00Z", endsAt: "2031-01-02T00:00:00Z" }, "endsAt"],
    ["an event of two years", { startsAt: "2031-01-02T00:00:00Z", endsAt: "2033-01-02T00:00:00Z" }, "endsAt"],
    ["a date that does not exist", { startsAt: "2031-02-30T00:00:00Z" }, "startsAt"],
    ["a time without an offset", { startsAt: "2031-02-03T00:00:00" }, "startsAt"],
    ["a number for a time", { startsAt: 1_900_000_000 }, "startsAt"],
    ["an unknown zone", { timezone: "Mars/Olympus" }, "timezone"],
    ["an offset for a zone", { timezone: "+02:00" }, "timezone"],
    ["a place of unknown kind", { location: { kind: "moon" } }, "location.kind"],
    [
      "a venue without a city",
      { location: { kind: "venue", name: "a", address: "b", country: "DE" } },
      "location.city",
    ],
    [
      "a venue beyond the pole",
      { location: { ...(eventBody("").location as object), latitude: 91 } },
      "location.latitude",
    ],
    ["a script for an address", { location: { kind: "online", url: "javascript:alert(1)" } }, "location.url"],
    ["an unknown field in the place", { location: { kind: "online", host: "x" } }, "location.host"],
    ["too many tags", { tags: Array.from({ length: 21 }, (_, index) => `t${index}`) }, "tags"],
    ["an endless tag", { tags: ["x".repeat(41)] }, "tags.0"],
    ["a visibility of no kind", { visibility: "secret" }, "visibility"],
    ["a malformed category", { categoryId: "music" }, "categoryId"],
  ])("%s is refused by name", async (_what, more, path) => {
    const organizer = await newOrganizer();
    const response = await call("POST", "/v1/events", {
      user: organizer.user,
      body: eventBody(organizer.organizationId, more),
    });
    expect(response.status).toBe(422);
    const problem = await problemOf(response);
    expect(problem.code).toBe("request.invalid");
    expect(problem.errors?.map((fault) => fault.path)).toContain(path);
  });

  test("what is not JSON is malformed, and what is not said to be JSON is not read", async () => {
    const { user } = await newOrganizer();
    const { exports } = await import("cloudflare:workers");
    const send = (body: string, type: string) =>
      exports.default.fetch("https://events.example/v1/events", {
        method: "POST",
        headers: { ...user.headers, "content-type": type },
        body,
      });
    expect((await send('{"title":', "application/json")).status).toBe(400);
    expect((await send("title=x", "application/x-www-form-urlencoded")).status).toBe(415);
  });

  test("strangers, weak roles and bad tokens create nothing", async () => {
    const { organizationId } = await newOrganizer();
    const body = eventBody(organizationId);
    expect((await call("POST", "/v1/events", { body })).status).toBe(401);
    for (const [what, token] of Object.entries(await badTokens())) {
      const response = await call("POST", "/v1/events", { body, headers: { authorization: `Bearer ${token}` } });
      expect([what, response.status]).toEqual([what, 401]);
    }
    const stranger = await call("POST", "/v1/events", { user: await newTestUser(), body });
    expect(stranger.status).toBe(404);
    expect((await problemOf(stranger)).code).toBe("events.organization_not_found");
    const door = await call("POST", "/v1/events", { user: await newMember(organizationId, "door"), body });
    expect(door.status).toBe(403);
  });
});

describe("reading", () => {
  test("a draft exists for members only", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer, { title: freshTitle() });
    for (const address of [event.id, event.slug]) {
      expect((await call("GET", `/v1/events/${address}`)).status).toBe(404);
      expect((await call("GET", `/v1/events/${address}`, { user: await newTestUser() })).status).toBe(404);
      const member = await call("GET", `/v1/events/${address}`, { user: organizer.user });
      expect(member.status).toBe(200);
      expect(member.headers.get("cache-control")).toBe("private, no-store");
    }
    const door = await newMember(organizer.organizationId, "door");
    expect((await call("GET", `/v1/events/${event.id}`, { user: door })).status).toBe(200);
  });

  test("a published event is everyone's, but where to join is not", async () => {
    const organizer = await newOrganizer();
    const location = { kind: "hybrid", name: "Hall", address: "1 Road", city: "Oslo", country: "NO" };
    const event = await createPublished(organizer, {
      title: freshTitle(),
      location: { ...location, url: "https://meet.example/room" },
    });
    const anonymous = await call("GET", `/v1/events/${event.slug}`);
    expect(anonymous.status).toBe(200);
    expect(anonymous.headers.get("cache-control")).toBe("public, max-age=0, s-maxage=1");
    const page = await anonymous.text();
    expect(page).not.toContain("meet.example");
    expect(JSON.parse(page)).toMatchObject({ id: event.id, status: "published", location });
    const stranger = await call("GET", `/v1/events/${event.id}`, { user: await newTestUser() });
    expect(await stranger.text()).not.toContain("meet.example");
    const member = await call("GET", `/v1/events/${event.id}`, { user: organizer.user });
    expect(await member.json()).toMatchObject({ location: { ...location, url: "https://meet.example/room" } });
  });

  test("who has the current version is spared the body, cached or not", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    for (let time = 0; time < 2; time += 1) {
      const response = await call("GET", `/v1/events/${event.id}`, {
        headers: { "if-none-match": `"${event.version}"` },
      });
      expect([response.status, await response.text()]).toEqual([304, ""]);
    }
    const member = await call("GET", `/v1/events/${event.id}`, {
      user: organizer.user,
      headers: { "if-none-match": `W/"${event.version}"` },
    });
    expect(member.status).toBe(304);
    const stale = await call("GET", `/v1/events/${event.id}`, { headers: { "if-none-match": '"0"' } });
    expect(stale.status).toBe(200);
  });

  test("every answer carries the caller's request id, from the cache as well", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    for (const id of ["req-one", "req-two"]) {
      const response = await call("GET", `/v1/events/${event.id}`, { headers: { "x-request-id": id } });
      expect(response.headers.get("x-request-id")).toBe(id);
    }
  });

  test("a bad token is refused even where none is needed", async () => {
    const event = await createPublished(await newOrganizer());
    await call("GET", `/v1/events/${event.id}`);
    for (const [what, token] of Object.entries(await badTokens())) {
      const response = await call("GET", `/v1/events/${event.id}`, { headers: { authorization: `Bearer ${token}` } });
      expect([what, response.status]).toEqual([what, 401]);
    }
  });

  test.each(["evt_x", "No-Such", "a--b", "-a", "evt_00000000000000000000000000", "..%2f..", "%00", "x".repeat(200)])(
    "the address %s is no event",
    async (address) => {
      expect((await call("GET", `/v1/events/${address}`)).status).toBe(404);
    },
  );
});

test("an event's history tells who changed it: a member, or an administrator in a member's place", async () => {
  const organizer = await newOrganizer();
  const event = await createDraft(organizer);
  const { userId } = organizer.user;
  const impersonatorId = newId("user", 1);
  const acting = await newTestUser({ userId, impersonatorId, authenticatedAtMs: 0 });
  const edited = await call("PATCH", `/v1/events/${event.id}`, { user: acting, body: { title: "Winter Night" } });
  expect(edited.status).toBe(200);
  const { results } = await env.EVENTS_DB.prepare(
    "SELECT actor FROM event_changes WHERE event_id = ?1 ORDER BY version",
  )
    .bind(event.id)
    .all<{ actor: string }>();
  expect(results.map(({ actor }) => actor)).toEqual([userId, `${impersonatorId} for ${userId}`]);
});
