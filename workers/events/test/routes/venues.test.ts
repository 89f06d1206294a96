import { env } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import type { VenueView } from "@foyer/contracts/events/venues";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { followVenues } from "../../src/service/follow-venues.ts";
import {
  call,
  createDraft,
  createPublished,
  dayMs,
  move,
  newMember,
  newOrganizer,
  problemOf,
  type TestOrganizer,
} from "../helpers.ts";
import { outboxOf, ownApp } from "../own-app.ts";

const systemCall = { actor: { kind: "system", name: "events" }, requestId: "test" } as const;
const hall = {
  name: "Harbour Hall",
  address: "Pier 1",
  city: "Hamburg",
  country: "de",
  latitude: 53.54,
  longitude: 9.97,
  accessibility: { stepFree: true },
};

async function createVenue(organizer: TestOrganizer, more: Record<string, unknown> = {}): Promise<VenueView> {
  const body = { organizationId: organizer.organizationId, ...hall, ...more };
  const response = await call("POST", "/v1/venues", { user: organizer.user, body });
  expect(response.status).toBe(201);
  return response.json();
}

async function patch(
  organizer: TestOrganizer,
  venue: VenueView,
  body: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return call("PATCH", `/v1/venues/${venue.id}`, { user: organizer.user, body, headers });
}

async function eventOf(organizer: TestOrganizer, id: string): Promise<EventView> {
  const response = await call("GET", `/v1/events/${id}`, { user: organizer.user });
  expect(response.status).toBe(200);
  return response.json();
}

describe("a venue", () => {
  test("is made, read, found, changed and removed by members", async () => {
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer, { rooms: [{ name: "Red Room", capacity: 80 }], notes: "Ring twice" });
    expect(venue).toMatchObject({
      ...hall,
      country: "DE",
      organizationId: organizer.organizationId,
      version: 1,
      region: null,
      postalCode: null,
      capacity: null,
      rooms: [{ name: "Red Room", capacity: 80, accessibility: null }],
    });
    expect(venue.id).toMatch(/^ven_/);
    expect(venue.rooms[0]?.id).toMatch(/^rom_/);
    expect(venue).not.toHaveProperty("revision");
    const { user } = organizer;
    const read = await call("GET", `/v1/venues/${venue.id}`, { user });
    expect(await read.json()).toEqual(venue);
    expect([read.headers.get("etag"), read.headers.get("cache-control")]).toEqual(['"1"', "private, no-store"]);
    const known = await call("GET", `/v1/venues/${venue.id}`, { user, headers: { "if-none-match": '"1"' } });
    expect(known.status).toBe(304);
    const rooms = [{ id: venue.rooms[0]?.id, name: "Blue Room" }, { name: "Green Room" }];
    const changed: VenueView = await (await patch(organizer, venue, { rooms, postalCode: "20457" })).json();
    expect(changed).toMatchObject({ version: 2, postalCode: "20457", city: "Hamburg" });
    expect(changed.rooms.map(({ name }) => name)).toEqual(["Blue Room", "Green Room"]);
    expect(changed.rooms[0]?.id).toBe(venue.rooms[0]?.id);
    const same = await patch(organizer, venue, { postalCode: "20457" });
    expect(await same.json()).toEqual(changed);
    expect((await call("DELETE", `/v1/venues/${venue.id}`, { user })).status).toBe(204);
    expect((await call("GET", `/v1/venues/${venue.id}`, { user })).status).toBe(404);
  });

  test("is listed newest first, page by page, and found by a part of its name, address or city", async () => {
    const organizer = await newOrganizer();
    const names = ["Hall", "Église Saint-Eustache", "Arena"];
    for (const name of names) await createVenue(organizer, { name });
    const { user, organizationId } = organizer;
    const list = async (query: string): Promise<{ data: VenueView[]; nextCursor: string | null }> =>
      (await call("GET", `/v1/venues?organizationId=${organizationId}&${query}`, { user })).json();
    const first = await list("limit=2");
    const second = await list(`limit=2&cursor=${first.nextCursor}`);
    expect([...first.data, ...second.data].map(({ name }) => name)).toEqual([...names].reverse());
    expect(second.nextCursor).toBeNull();
    expect((await list(`q=${encodeURIComponent("ÉGLISE")}`)).data.map(({ name }) => name)).toEqual([names[1]]);
    expect((await list("q=pier")).data).toHaveLength(3);
    expect((await list("q=%25")).data).toEqual([]);
  });

  test("keeps to If-Match", async () => {
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    expect((await patch(organizer, venue, { notes: "x" }, { "if-match": '"1"' })).status).toBe(200);
    expect((await patch(organizer, venue, { notes: "y" }, { "if-match": '"1"' })).status).toBe(412);
    const options = { user: organizer.user, headers: { "if-match": '"1"' } };
    expect((await call("DELETE", `/v1/venues/${venue.id}`, options)).status).toBe(412);
  });

  test("there are as many as the limit in an organization, and no more", async () => {
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    const columns = `organization_id, version, revision, pending, name, address, city, country, accessibility, rooms, notes, search_text,
      created_at_ms, updated_at_ms`;
    await env.EVENTS_DB.prepare(
      `INSERT INTO venues (id, ${columns}) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2)
       SELECT ?1 || i, ${columns} FROM n, venues WHERE id = ?1`,
    )
      .bind(venue.id, limits.venuesPerOrganizationMax - 2)
      .run();
    await createVenue(organizer);
    const body = { organizationId: organizer.organizationId, ...hall };
    const refused = await call("POST", "/v1/venues", { user: organizer.user, body });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([409, "events.too_many_venues"]);
    await createVenue(await newOrganizer());
  });

  test.each([
    [{ name: undefined }, "name"],
    [{ name: "a\u0000" }, "name"],
    [{ address: "" }, "address"],
    [{ country: "Germany" }, "country"],
    [{ country: "XX" }, "country"],
    [{ latitude: 90.1 }, "latitude"],
    [{ longitude: "9" }, "longitude"],
    [{ capacity: 0 }, "capacity"],
    [{ capacity: limits.capacityMax + 1 }, "capacity"],
    [{ postalCode: "x".repeat(limits.postalCodeCharsMax + 1) }, "postalCode"],
    [{ notes: "x".repeat(limits.venueNotesCharsMax + 1) }, "notes"],
    [{ accessibility: { stepFree: "yes" } }, "accessibility.stepFree"],
    [{ accessibility: { lift: true } }, "accessibility.lift"],
    [{ accessibility: { notes: "x".repeat(limits.accessibilityNotesCharsMax + 1) } }, "accessibility.notes"],
    [{ accessibility: { wheelchairSpaces: limits.wheelchairSpacesMax + 1 } }, "accessibility.wheelchairSpaces"],
    [{ rooms: Array.from({ length: limits.roomsPerVenueMax + 1 }, (_, index) => ({ name: `R${index}` })) }, "rooms"],
    [{ rooms: [{ name: "A" }, { name: "a" }] }, "rooms.1.name"],
    [{ rooms: [{ name: "A", id: newId("room", 1) }] }, "rooms.0.id"],
    [{ version: 7 }, "version"],
    [{ confirm: true }, "confirm"],
  ])("with %j is refused by name", async (change, path) => {
    const { user, organizationId } = await newOrganizer();
    const response = await call("POST", "/v1/venues", { user, body: { organizationId, ...hall, ...change } });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors?.map((fault) => fault.path)).toContain(path);
    const list = await call("GET", `/v1/venues?organizationId=${organizationId}`, { user });
    expect(await list.json()).toEqual({ data: [], nextCursor: null });
  });

  test("may be as large as the limits", async () => {
    await createVenue(await newOrganizer(), {
      rooms: Array.from({ length: limits.roomsPerVenueMax }, (_, index) => ({ name: `R${index}` })),
      notes: "x".repeat(limits.venueNotesCharsMax),
      postalCode: "x".repeat(limits.postalCodeCharsMax),
      capacity: limits.capacityMax,
      accessibility: {
        notes: "x".repeat(limits.accessibilityNotesCharsMax),
        wheelchairSpaces: limits.wheelchairSpacesMax,
      },
    });
  });

  test.each([
    "organizationId=1",
    "",
    "organizationId=ORG&limit=0",
    "organizationId=ORG&cursor=zzz",
    "organizationId=ORG&x=1",
  ])("the query %s is refused", async (query) => {
    const { user, organizationId } = await newOrganizer();
    const response = await call("GET", `/v1/venues?${query.replace("ORG", organizationId)}`, { user });
    expect(response.status).toBe(422);
  });
});

describe("whose a venue is", () => {
  test("for others it does not exist, whoever they are", async () => {
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    const attempts = [
      ["POST", "/v1/venues", { organizationId: organizer.organizationId, ...hall }],
      ["GET", `/v1/venues?organizationId=${organizer.organizationId}`, undefined],
      ["GET", `/v1/venues/${venue.id}`, undefined],
      ["PATCH", `/v1/venues/${venue.id}`, { name: "Mine" }],
      ["DELETE", `/v1/venues/${venue.id}`, undefined],
    ] as const;
    const others = [(await newOrganizer()).user, await newTestUser(), await newTestUser({ platformAdmin: true })];
    for (const [method, path, body] of attempts) {
      const options = body === undefined ? {} : { body };
      expect((await call(method, path, options)).status).toBe(401);
      for (const user of others) expect((await call(method, path, { ...options, user })).status).toBe(404);
      for (const [what, token] of Object.entries(await badTokens())) {
        const response = await call(method, path, { ...options, headers: { authorization: `Bearer ${token}` } });
        expect([what, response.status]).toEqual([what, 401]);
      }
    }
    expect((await call("GET", `/v1/venues/${venue.id}`, { user: organizer.user })).status).toBe(200);
  });

  test("the door reads and does not write", async () => {
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    const user = await newMember(organizer.organizationId, "door");
    expect((await call("GET", `/v1/venues/${venue.id}`, { user })).status).toBe(200);
    expect((await call("PATCH", `/v1/venues/${venue.id}`, { user, body: { name: "x" } })).status).toBe(403);
    expect((await call("DELETE", `/v1/venues/${venue.id}`, { user })).status).toBe(403);
  });

  test("another tenant's venue is as unknown to an event as one that does not exist", async () => {
    const organizer = await newOrganizer();
    const foreign = await createVenue(await newOrganizer());
    const own = await createDraft(organizer);
    const before = await eventOf(organizer, own.id);
    const answers: unknown[] = [];
    for (const venueId of [foreign.id, newId("venue", 1)]) {
      const location = { kind: "venue", venueId };
      const { user, organizationId } = organizer;
      const made = await call("POST", "/v1/events", { user, body: { organizationId, title: "x", location } });
      const changed = await call("PATCH", `/v1/events/${own.id}`, { user, body: { location } });
      for (const response of [made, changed]) {
        expect(response.status).toBe(422);
        const { requestId: _id, ...problem } = await problemOf(response);
        expect(problem.errors).toEqual([
          { path: "location.venueId", code: "events.venue_not_found", message: "No such venue" },
        ]);
        answers.push(problem);
      }
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await eventOf(organizer, own.id)).toEqual(before);
  });

  test("the database itself lets no event have a venue that is none of its organization's", async () => {
    const organizer = await newOrganizer();
    const foreign = await createVenue(await newOrganizer());
    const event = await createDraft(organizer);
    const location = JSON.stringify({ kind: "venue", venueId: foreign.id, venueRevision: 1 });
    const write = env.EVENTS_DB.prepare("UPDATE events SET location = ?2 WHERE id = ?1").bind(event.id, location).run();
    await expect(write).rejects.toThrow("events.venue_gone");
  });
});

describe("an event at a venue", () => {
  test("has the venue's address and accessibility, and its room; nothing else of it is shown", async () => {
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer, {
      notes: "The key is under the mat",
      capacity: 500,
      rooms: [{ name: "Red Room", capacity: 80, accessibility: { hearingLoop: true } }],
    });
    const roomId = venue.rooms[0]?.id;
    const event = await createPublished(organizer, {
      location: { kind: "hybrid", venueId: venue.id, roomId, url: "https://meet.example/1" },
    });
    const place = {
      kind: "hybrid",
      ...hall,
      country: "DE",
      accessibility: { stepFree: true, hearingLoop: true },
      venueId: venue.id,
      roomId,
      room: "Red Room",
    };
    expect(event.location).toEqual({ ...place, url: "https://meet.example/1" });
    const page = await call("GET", `/v1/events/${event.id}`);
    const text = await page.clone().text();
    const view: EventView = await page.json();
    expect(view.location).toEqual(place);
    expect(text).not.toContain("mat");
    const listed = await call("GET", `/v1/events?organizationId=${organizer.organizationId}`);
    expect(await listed.json()).toMatchObject({ data: [{ location: place }] });
    const sent = { user: organizer.user, body: { location: event.location } };
    expect(await (await call("PATCH", `/v1/events/${event.id}`, sent)).json()).toMatchObject({
      location: event.location,
    });
  });

  test("an address given with the event stays as it is, with region and postal code", async () => {
    const organizer = await newOrganizer();
    const location = {
      kind: "venue",
      name: "Barn",
      address: "Old Road",
      city: "Cork",
      region: "Munster",
      postalCode: "T12",
      country: "Ireland",
    };
    expect((await createDraft(organizer, { location })).location).toEqual(location);
  });

  test.each([
    [{ kind: "venue", venueId: "ven_1" }, "location.venueId"],
    [{ kind: "venue", name: "Barn" }, "location.city"],
    [{ kind: "venue" }, "location.name"],
    [{ kind: "hybrid", roomId: newId("room", 1), name: "a", address: "b", city: "c", country: "d" }, "location.roomId"],
    [{ kind: "online", venueId: newId("venue", 1) }, "location.venueId"],
    [{ kind: "venue", venueId: newId("venue", 1), venueRevision: 1 }, "location.venueRevision"],
  ])("%j is refused by name", async (location, path) => {
    const { user, organizationId } = await newOrganizer();
    const response = await call("POST", "/v1/events", { user, body: { organizationId, title: "x", location } });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors?.map((fault) => fault.path)).toContain(path);
  });

  test("a room of another venue is not one of this", async () => {
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    const other = await createVenue(organizer, { rooms: [{ name: "A" }] });
    const { user, organizationId } = organizer;
    const location = { kind: "venue", venueId: venue.id, roomId: other.rooms[0]?.id };
    const response = await call("POST", "/v1/events", { user, body: { organizationId, title: "x", location } });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors).toMatchObject([
      { path: "location.roomId", code: "events.room_not_found" },
    ]);
  });

  test("keeps the venue from being removed until it is over", async () => {
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    const event = await createPublished(organizer, { location: { kind: "venue", venueId: venue.id } });
    const refused = await call("DELETE", `/v1/venues/${venue.id}`, { user: organizer.user });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([409, "events.venue_in_use"]);
    const app = ownApp((deps) => ({ clock: { nowMs: () => deps.clock.nowMs() + 40 * dayMs } }));
    const user = organizer.user;
    expect(await app.deps.venues.remove(venue, Date.now())).toBe("overtaken");
    expect(await app.deps.venues.isInUse(venue.id, null, app.deps.clock.nowMs())).toBe(false);
    await move(organizer, event, "cancel");
    expect((await call("DELETE", `/v1/venues/${venue.id}`, { user })).status).toBe(204);
    expect((await eventOf(organizer, event.id)).location).toMatchObject({ name: hall.name, venueId: venue.id });
  });

  test("a copy of an event has the venue as it is now, or its address alone where it was removed", async () => {
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    const event = await createPublished(organizer, { location: { kind: "venue", venueId: venue.id } });
    await move(organizer, event, "cancel");
    expect((await patch(organizer, venue, { city: "Bremen" })).status).toBe(200);
    const { user } = organizer;
    const duplicate = async (): Promise<EventView> => {
      const response = await call("POST", `/v1/events/${event.id}/duplicate`, { user, body: {} });
      expect(response.status).toBe(201);
      return response.json();
    };
    const fresh = await duplicate();
    expect(fresh.location).toMatchObject({ venueId: venue.id, city: "Bremen" });
    expect((await call("DELETE", `/v1/events/${fresh.id}`, { user })).status).toBe(204);
    expect((await call("DELETE", `/v1/venues/${venue.id}`, { user })).status).toBe(204);
    expect((await duplicate()).location).toEqual({ kind: "venue", ...hall, country: "DE" });
  });

  test("a venue that is removed while an event is being made is unknown to it, and nothing is stored", async () => {
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    const app = ownApp((deps) => ({
      venues: {
        ...deps.venues,
        async find(id) {
          const found = await deps.venues.find(id);
          await env.EVENTS_DB.prepare("DELETE FROM venues WHERE id = ?1").bind(id).run();
          return found;
        },
      },
    }));
    const { user, organizationId } = organizer;
    const body = { organizationId, title: "x", location: { kind: "venue", venueId: venue.id } };
    const response = await app.fetch("POST", "/v1/events", { user, body });
    expect([response.status, (await problemOf(response)).errors?.[0]?.path]).toEqual([422, "location.venueId"]);
    const list = await call("GET", `/v1/events?organizationId=${organizationId}`, { user });
    expect(await list.json()).toMatchObject({ data: [] });
  });
});

describe("when a venue changes", () => {
  async function placed(organizer: TestOrganizer, venue: VenueView, more: Record<string, unknown> = {}) {
    return createPublished(organizer, { location: { kind: "venue", venueId: venue.id }, ...more });
  }

  test("events ahead follow as changes of their own, past and called-off ones stay, and holders are told once", async () => {
    const app = ownApp();
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    const event = await placed(organizer, venue);
    const draft = await createDraft(organizer, { location: { kind: "venue", venueId: venue.id } });
    const cancelled = await move(organizer, await placed(organizer, venue), "cancel");
    const past = await placed(organizer, venue);
    await env.EVENTS_DB.prepare("UPDATE events SET starts_at_ms = 1, ends_at_ms = 2 WHERE id = ?1").bind(past.id).run();
    const body = { address: "Pier 2", latitude: 53.55 };
    const options = { user: organizer.user, body };
    const changed = await app.fetch("PATCH", `/v1/venues/${venue.id}`, options);
    expect(changed.status).toBe(200);
    expect((await app.fetch("PATCH", `/v1/venues/${venue.id}`, options)).status).toBe(200);
    await followVenues(app.deps, systemCall);
    const now = await eventOf(organizer, event.id);
    expect(now.location).toMatchObject({ ...hall, ...body, country: "DE", venueId: venue.id });
    expect(now.version).toBe(event.version + 1);
    expect((await eventOf(organizer, draft.id)).location).toMatchObject(body);
    expect((await eventOf(organizer, past.id)).location).toMatchObject({ address: "Pier 1" });
    expect((await eventOf(organizer, cancelled.id)).location).toMatchObject({ address: "Pier 1" });
    const told = (await outboxOf(event.id)).filter(({ version }) => version > event.version);
    expect(told.map(({ consumer, type, version }) => [consumer, type, version])).toEqual([
      ["search", "event.updated", event.version + 1],
      ["bookings", "event.updated", event.version + 1],
      ["bookings", "event.notice_due", event.version + 1],
    ]);
    expect(told[0]?.envelope.payload).toMatchObject({ event: { latitude: 53.55, place: "Harbour Hall, Hamburg" } });
    expect(told[2]?.envelope.payload).toMatchObject({ notice: "relocated", organizationId: organizer.organizationId });
    expect((await outboxOf(draft.id)).filter(({ type }) => type === "event.notice_due")).toEqual([]);
    const sequences = await env.EVENTS_DB.prepare("SELECT calendar_sequence AS n FROM events WHERE id = ?1")
      .bind(event.id)
      .first<{ n: number }>();
    expect(sequences?.n).toBe(1);
  });

  test("the page of an event shows the new address at once", async () => {
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    const event = await placed(organizer, venue);
    expect((await call("GET", `/v1/events/${event.id}`)).status).toBe(200);
    expect((await patch(organizer, venue, { name: "Old Harbour Hall" })).status).toBe(200);
    const page = await call("GET", `/v1/events/${event.id}`);
    expect(await page.json()).toMatchObject({ location: { name: "Old Harbour Hall" }, version: event.version + 1 });
  });

  test("what is not a move is told to nobody who holds a ticket, and asks for no confirmation", async () => {
    const app = ownApp();
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer, { rooms: [{ name: "Red Room" }] });
    const room = venue.rooms[0];
    const event = await createPublished(organizer, {
      location: { kind: "venue", venueId: venue.id, roomId: room?.id },
    });
    await env.BOOKINGS.testTally(event.id, { validTickets: 3 });
    const options = {
      user: organizer.user,
      body: { accessibility: { parking: true }, rooms: [{ id: room?.id, name: "Blue Room" }] },
    };
    expect((await app.fetch("PATCH", `/v1/venues/${venue.id}`, options)).status).toBe(200);
    const after = await eventOf(organizer, event.id);
    expect(after.location).toMatchObject({ room: "Blue Room", accessibility: { parking: true } });
    expect((await outboxOf(event.id)).map(({ type }) => type)).not.toContain("event.notice_due");
    const quiet = { user: organizer.user, body: { notes: "x", capacity: 3 } };
    expect((await app.fetch("PATCH", `/v1/venues/${venue.id}`, quiet)).status).toBe(200);
    expect((await eventOf(organizer, event.id)).version).toBe(after.version);
  });

  test("while tickets are sold a move must be confirmed, and nothing happens before it is", async () => {
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    const sold = await placed(organizer, venue);
    const ordered = await placed(organizer, venue);
    const unsold = await placed(organizer, venue);
    await env.BOOKINGS.testTally(sold.id, { validTickets: 1, confirmedOrders: 1 });
    await env.BOOKINGS.testTally(ordered.id, { openOrders: 1 });
    await env.BOOKINGS.testTally(unsold.id, { activeReservations: 4 });
    for (const body of [{ city: "Bremen" }, { city: "Bremen", confirm: false }]) {
      const refused = await patch(organizer, venue, body);
      expect(refused.status).toBe(409);
      expect(await problemOf(refused)).toMatchObject({ code: "events.confirmation_required", events: 2 });
    }
    expect((await eventOf(organizer, sold.id)).location).toMatchObject({ city: "Hamburg" });
    expect((await call("GET", `/v1/venues/${venue.id}`, { user: organizer.user })).headers.get("etag")).toBe('"1"');
    expect((await patch(organizer, venue, { city: "Bremen", confirm: true })).status).toBe(200);
    for (const { id } of [sold, ordered, unsold])
      expect((await eventOf(organizer, id)).location).toMatchObject({ city: "Bremen" });
  });

  test("with bookings down a move waits, unless it is confirmed anyway", async () => {
    const app = ownApp();
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    const event = await placed(organizer, venue);
    await env.BOOKINGS.testDown(organizer.organizationId, true);
    const options = { user: organizer.user, body: { city: "Bremen" } };
    const refused = await app.fetch("PATCH", `/v1/venues/${venue.id}`, options);
    expect([refused.status, (await problemOf(refused)).code]).toEqual([503, "platform.unavailable"]);
    expect((await eventOf(organizer, event.id)).location).toMatchObject({ city: "Hamburg" });
    const confirmed = { user: organizer.user, body: { city: "Bremen", confirm: true } };
    expect((await app.fetch("PATCH", `/v1/venues/${venue.id}`, confirmed)).status).toBe(200);
    expect((await eventOf(organizer, event.id)).location).toMatchObject({ city: "Bremen" });
    const notices = (await outboxOf(event.id)).filter(({ type }) => type === "event.notice_due");
    expect(notices).toHaveLength(1);
  });

  test("a room that an event ahead is in stays", async () => {
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer, { rooms: [{ name: "A" }, { name: "B" }] });
    const [a, b] = venue.rooms;
    const event = await createPublished(organizer, { location: { kind: "venue", venueId: venue.id, roomId: a?.id } });
    const refused = await patch(organizer, venue, { rooms: [b] });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([409, "events.venue_in_use"]);
    expect((await patch(organizer, venue, { rooms: [a] })).status).toBe(200);
    await move(organizer, event, "cancel");
    expect((await patch(organizer, venue, { rooms: [] })).status).toBe(200);
  });

  test("more events than one run takes follow by and by, each told once, though runs meet", async () => {
    const app = ownApp();
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    const model = await placed(organizer, venue);
    const count = limits.eventsFollowingPerRunMax + 5;
    const columns = `organization_id, organization_name, status, version, title, summary, description, starts_at_ms, ends_at_ms,
      timezone, location, tags, visibility, created_at_ms, updated_at_ms, published_at_ms`;
    await env.EVENTS_DB.batch(
      Array.from({ length: count - 1 }, (_, index) =>
        env.EVENTS_DB.prepare(
          `INSERT INTO events (id, slug, ${columns}) SELECT ?2, ?2, ${columns} FROM events WHERE id = ?1`,
        ).bind(model.id, `${model.id.slice(0, -3)}${`${index}`.padStart(3, "0")}`),
      ),
    );
    const failing = ownApp((deps) => ({
      venues: { ...deps.venues, eventsBehind: () => Promise.reject(new Error("the database is down")) },
    }));
    const options = { user: organizer.user, body: { city: "Bremen" } };
    expect((await failing.fetch("PATCH", `/v1/venues/${venue.id}`, options)).status).toBe(200);
    expect(await followVenues(app.deps, systemCall)).toBe(limits.eventsFollowingPerRunMax);
    await Promise.all([followVenues(app.deps, systemCall), followVenues(app.deps, systemCall)]);
    expect(await followVenues(app.deps, systemCall)).toBe(0);
    const { results } = await env.EVENTS_DB.prepare(
      `SELECT json_extract(location, '$.city') AS city, version FROM events WHERE organization_id = ?1 GROUP BY 1, 2`,
    )
      .bind(organizer.organizationId)
      .all();
    expect(results).toEqual([{ city: "Bremen", version: model.version + 1 }]);
    const notices = await env.EVENTS_DB.prepare(
      `SELECT count(*) AS n, count(DISTINCT json_extract(body, '$.payload.eventId')) AS events FROM outbox
       WHERE json_extract(body, '$.type') = 'event.notice_due' AND json_extract(body, '$.payload.organizationId') = ?1`,
    )
      .bind(organizer.organizationId)
      .first();
    expect(notices).toEqual({ n: count, events: count });
  });

  test("an event that was stored with an old copy after all is looked at again", async () => {
    const app = ownApp();
    const organizer = await newOrganizer();
    const venue = await createVenue(organizer);
    const slow = ownApp((deps) => ({
      venues: {
        ...deps.venues,
        async find(id) {
          const found = await deps.venues.find(id);
          expect((await patch(organizer, venue, { city: "Bremen" })).status).toBe(200);
          return found;
        },
      },
    }));
    const { user, organizationId } = organizer;
    const body = { organizationId, title: "x", location: { kind: "venue", venueId: venue.id } };
    const event: EventView = await (await slow.fetch("POST", "/v1/events", { user, body })).json();
    expect(event.location).toMatchObject({ city: "Hamburg" });
    expect(await followVenues(app.deps, systemCall)).toBe(1);
    expect((await eventOf(organizer, event.id)).location).toMatchObject({ city: "Bremen" });
  });
});
