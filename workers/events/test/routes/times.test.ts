import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import { call, createDraft, createPublished, eventBody, newOrganizer, problemOf, read, venue } from "../helpers.ts";
import { outboxOf, ownApp } from "../own-app.ts";

describe("times of an event", () => {
  test("are taken by the wall clock of its zone, and returned as instants with it", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer, {
      startsAt: { local: "2031-07-01T20:00" },
      endsAt: { local: "2031-07-01T23:30:00" },
    });
    expect(event).toMatchObject({
      allDay: false,
      startsAt: { utc: "2031-07-01T18:00:00.000Z", local: "2031-07-01T20:00:00", timezone: "Europe/Berlin" },
      endsAt: { utc: "2031-07-01T21:30:00.000Z" },
    });
    expect(await read(organizer, event.id)).toEqual(event);
  });

  test("of an all-day event are dates, of which the last is included", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer, { allDay: true, startsAt: "2031-03-29", endsAt: "2031-03-30" });
    expect(event).toMatchObject({
      allDay: true,
      startsAt: { utc: "2031-03-28T23:00:00.000Z", local: "2031-03-29T00:00:00" },
      endsAt: { utc: "2031-03-30T22:00:00.000Z", local: "2031-03-31T00:00:00" }, // clocks went forward
    });
    const patch = await call("PATCH", `/v1/events/${event.id}`, {
      user: organizer.user,
      body: { timezone: "America/New_York" },
    });
    expect(await patch.json()).toMatchObject({
      startsAt: { utc: "2031-03-29T04:00:00.000Z", local: "2031-03-29T00:00:00", timezone: "America/New_York" },
    });
  });

  test.each([
    ["a skipped hour", { startsAt: { local: "2031-03-30T02:30" } }, "startsAt", "time.skipped"],
    ["a repeated hour", { endsAt: { local: "2031-10-26T02:30" } }, "endsAt", "time.repeated"],
    ["a date without all-day", { startsAt: "2031-01-01" }, "startsAt", "time.date_unexpected"],
    [
      "an instant with all-day",
      { allDay: true, startsAt: "2031-01-01T00:00:00Z", endsAt: null },
      "startsAt",
      "time.date_required",
    ],
    ["a day that no calendar has", { startsAt: { local: "2031-02-30T10:00" } }, "startsAt.local", "invalid_format"],
    ["a wall clock with an offset", { startsAt: { local: "2031-02-03T10:00Z" } }, "startsAt.local", "invalid_format"],
    ["a fraction", { startsAt: { local: "2031-02-03T10:00:00.5" } }, "startsAt.local", "invalid_format"],
    ["a third way", { startsAt: { local: "2031-02-03T10:00", disambiguation: "reject" } }, "startsAt", "invalid_union"],
    [
      "an own zone",
      { startsAt: { local: "2031-02-03T10:00", timezone: "UTC" } },
      "startsAt.timezone",
      "unrecognized_key",
    ],
    ["a number", { endsAt: 7 }, "endsAt", "invalid_union"],
    ["nothing", { endsAt: "" }, "endsAt", "invalid_union"],
  ])("%s is refused with its path, when an event is made and when it is changed", async (_what, body, path, code) => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const { user } = organizer;
    const made = await call("POST", "/v1/events", { user, body: eventBody(organizer.organizationId, body) });
    const changed = await call("PATCH", `/v1/events/${event.id}`, { user, body });
    for (const response of [made, changed]) {
      expect(response.status).toBe(422);
      expect((await problemOf(response)).errors?.[0]).toMatchObject({ path, code });
    }
    expect(await read(organizer, event.id)).toEqual(event);
  });

  test("that are one of two instants are taken where it is said which", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer, {
      startsAt: { local: "2031-10-26T02:30", disambiguation: "earlier" },
      endsAt: { local: "2031-10-26T02:30", disambiguation: "later" },
    });
    expect(event).toMatchObject({
      startsAt: { utc: "2031-10-26T00:30:00.000Z", local: "2031-10-26T02:30:00" },
      endsAt: { utc: "2031-10-26T01:30:00.000Z", local: "2031-10-26T02:30:00" },
    });
  });
});

const sold = { validTickets: 3, confirmedOrders: 2, openOrders: 1 };

describe("another time or place while tickets are out", () => {
  const later = { startsAt: "2040-05-01T18:00:00Z", endsAt: "2040-05-01T21:00:00Z" };
  const elsewhere = { location: { ...venue, name: "Old Mill" } };

  test.each([
    ["published", "rescheduled", later, ["startsAt", "endsAt"]],
    ["published", "relocated", elsewhere, ["location"]],
    ["published", "rescheduled", { ...later, ...elsewhere }, ["startsAt", "endsAt", "location"]],
    ["postponed", null, { ...later, ...elsewhere }, ["startsAt", "endsAt", "location"]],
  ] as const)("of what is %s asks first, and tells holders that it is %s", async (status, notice, body, changes) => {
    const organizer = await newOrganizer();
    const { user } = organizer;
    const created = await createPublished(organizer);
    if (status === "postponed") await call("POST", `/v1/events/${created.id}/postpone`, { user });
    const event = await read(organizer, created.id);
    await env.BOOKINGS.testTally(event.id, sold);
    const app = ownApp();
    for (const confirm of [undefined, false]) {
      const asked = await app.fetch("PATCH", `/v1/events/${event.id}`, { user, body: { ...body, confirm } });
      expect([asked.status, await problemOf(asked)]).toMatchObject([
        409,
        { code: "events.confirmation_required", tickets: 3, orders: 3, changes },
      ]);
    }
    expect(await read(organizer, event.id)).toEqual(event);
    const told = async () => (await outboxOf(event.id)).filter(({ version }) => version > event.version);
    expect(await told()).toEqual([]);

    const done = await app.fetch("PATCH", `/v1/events/${event.id}`, { user, body: { ...body, confirm: true } });
    expect(done.status).toBe(200);
    expect(await done.json()).toMatchObject({
      version: event.version + 1,
      previousStartsAt: "startsAt" in body ? event.startsAt : null,
    });
    const notices = (await told()).filter(({ type }) => type === "event.notice_due");
    expect(notices.map(({ consumer, envelope }) => [consumer, envelope.payload])).toMatchObject(
      notice === null ? [] : [["bookings", { notice, version: event.version + 1 }]],
    );
  });

  test("is not asked about where nothing is sold, nothing changes, or nobody is told", async () => {
    const organizer = await newOrganizer();
    const { user } = organizer;
    const app = ownApp();
    const patch = async (id: string, body: object) =>
      (await app.fetch("PATCH", `/v1/events/${id}`, { user, body })).status;
    const unsold = await createPublished(organizer);
    expect(await patch(unsold.id, later)).toBe(200);
    expect((await outboxOf(unsold.id)).map(({ type }) => type)).not.toContain("event.notice_due");

    const event = await createPublished(organizer, {
      startsAt: { local: "2031-07-01T20:00" },
      endsAt: { local: "2031-07-01T22:00" },
    });
    await env.BOOKINGS.testTally(event.id, sold);
    const asked = async () =>
      (await env.BOOKINGS.testCalls(event.id)).filter(({ method }) => method === "getSaleTally").length;
    expect(await patch(event.id, { startsAt: event.startsAt?.utc, location: event.location })).toBe(200);
    expect(await patch(event.id, { title: "Else", timezone: "Asia/Tokyo" })).toBe(200);
    expect(await patch(event.id, { startsAt: { local: event.startsAt?.local }, timezone: "Europe/Berlin" })).toBe(200);
    expect(await asked()).toBe(0);
    expect(await read(organizer, event.id)).toMatchObject({ startsAt: event.startsAt, previousStartsAt: null });

    const draft = await createDraft(organizer);
    expect(await patch(draft.id, later)).toBe(200);
    expect((await env.BOOKINGS.testCalls(draft.id)).map(({ method }) => method)).toEqual(["prepareSale"]);
  });

  test("waits for a box office that is away, while other changes do not", async () => {
    const organizer = await newOrganizer();
    const { user } = organizer;
    const event = await createPublished(organizer);
    await env.BOOKINGS.testDown(organizer.organizationId, true);
    const refused = await call("PATCH", `/v1/events/${event.id}`, { user, body: { ...later, confirm: true } });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([503, "platform.unavailable"]);
    expect(await read(organizer, event.id)).toEqual(event);
    expect((await call("PATCH", `/v1/events/${event.id}`, { user, body: { title: "Else" } })).status).toBe(200);
  });

  test("grows the revision of the calendar entry, which other changes leave alone", async () => {
    const organizer = await newOrganizer();
    const { user } = organizer;
    const event = await createPublished(organizer);
    const patch = (body: object) => call("PATCH", `/v1/events/${event.id}`, { user, body });
    const { deps } = ownApp();
    const sequence = async () => (await deps.events.find(event.id))?.calendarSequence;
    expect(await sequence()).toBe(0);
    await patch({ title: "Else" });
    expect(await sequence()).toBe(0);
    await patch(later);
    await patch(elsewhere);
    expect(await sequence()).toBe(2);
    await patch({ startsAt: event.startsAt?.utc, endsAt: event.endsAt?.utc });
    expect(await read(organizer, event.id)).toMatchObject({ previousStartsAt: null });
    expect(await sequence()).toBe(3);
  });
});
