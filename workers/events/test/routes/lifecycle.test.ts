import { env } from "cloudflare:workers";
import { type EventStatus, type EventView, eventStatuses } from "@foyer/contracts/events/api";
import { parseEnvelope } from "@foyer/contracts/messages/envelope";
import { newId } from "@foyer/kernel/ids";
import { badTokens } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import {
  call,
  createDraft,
  createPublished,
  dayMs,
  eventBody,
  move,
  newMember,
  newOrganizer,
  passTo,
  problemOf,
  read,
  schedule,
  type TestOrganizer,
} from "../helpers.ts";
import { outboxOf, ownApp } from "../own-app.ts";

/** The moves that have a route of their own. */
const routes = ["publish", "unpublish", "postpone", "cancel", "archive"] as const;
type Step = (typeof routes)[number];

async function eventThatIs(status: EventStatus, organizer: TestOrganizer): Promise<EventView> {
  const paths: Record<EventStatus, readonly Step[]> = {
    draft: [],
    scheduled: [],
    published: ["publish"],
    postponed: ["publish", "postpone"],
    cancelled: ["publish", "cancel"],
    completed: ["publish"],
    archived: ["publish", "cancel", "archive"],
  };
  let event = await createDraft(organizer);
  for (const step of paths[status]) event = await move(organizer, event, step);
  if (status === "scheduled") event = await schedule(organizer, event, Date.now() + dayMs);
  if (status === "completed") {
    await passTo(Date.now() + 40 * dayMs);
    event = await read(organizer, event.id);
  }
  return event;
}

/** Written apart from the code's own table, so that a change there has to be meant. */
const allowed: Record<EventStatus, Partial<Record<Step, EventStatus>>> = {
  draft: { publish: "published", cancel: "cancelled", archive: "archived" },
  scheduled: { publish: "published", unpublish: "draft" },
  published: { unpublish: "draft", postpone: "postponed", cancel: "cancelled" },
  postponed: { publish: "published", cancel: "cancelled" },
  cancelled: { archive: "archived" },
  completed: { archive: "archived" },
  archived: {},
};

describe.each(eventStatuses)("from %s", (status) => {
  test.each(routes)("%s goes where the table says or nowhere", async (step) => {
    const organizer = await newOrganizer();
    const event = await eventThatIs(status, organizer);
    expect(event.status).toBe(status);
    const response = await call("POST", `/v1/events/${event.id}/${step}`, { user: organizer.user });
    const target = allowed[status][step];
    const now = await read(organizer, event.id);
    if (target === undefined) {
      expect(response.status).toBe(409);
      const { code, allowed: open } = await problemOf(response);
      const schedule = status === "draft" || status === "scheduled" ? ["schedule"] : [];
      expect([code, [...(open as string[])].sort()]).toEqual([
        "events.invalid_transition",
        [...Object.keys(allowed[status]), ...schedule].sort(),
      ]);
      expect(now).toEqual(event);
    } else {
      expect(response.status).toBe(200);
      expect(response.headers.get("etag")).toBe(`"${event.version + 1}"`);
      expect(now).toMatchObject({ status: target, version: event.version + 1 });
    }
  });
});

describe("publishing", () => {
  test("an empty draft is told everything that it lacks at once", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer, { startsAt: null, endsAt: null, location: null });
    await env.BOOKINGS.testMissing(event.id, ["bookings.no_ticket_types"]);
    const response = await call("POST", `/v1/events/${event.id}/publish`, { user: organizer.user });
    expect(response.status).toBe(409);
    const problem = await problemOf(response);
    expect(problem.code).toBe("events.not_publishable");
    expect(problem.missing).toEqual([
      { code: "events.start_required", path: "startsAt" },
      { code: "events.end_required", path: "endsAt" },
      { code: "events.location_required", path: "location" },
      { code: "bookings.no_ticket_types", path: "ticketTypes" },
    ]);
  });

  test("an event that is over is not published, one that runs may come back", async () => {
    const organizer = await newOrganizer();
    const past = await createDraft(organizer, { startsAt: "2020-01-01T00:00:00Z", endsAt: "2020-01-02T00:00:00Z" });
    const refused = await problemOf(await call("POST", `/v1/events/${past.id}/publish`, { user: organizer.user }));
    expect(refused.missing).toEqual([
      { code: "events.start_in_past", path: "startsAt" },
      { code: "events.end_in_past", path: "endsAt" },
    ]);

    const app = ownApp((deps) => ({ clock: { nowMs: () => deps.clock.nowMs() + 30 * dayMs + 3_600_000 } }));
    const running = await move(organizer, await createPublished(organizer), "unpublish");
    const { user } = organizer;
    expect((await app.fetch("POST", `/v1/events/${running.id}/publish`, { user })).status).toBe(200);
  });

  test("the sale opens with the facts of the version that becomes public", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const calls = await env.BOOKINGS.testCalls(event.id);
    expect(calls.map(({ method }) => method)).toEqual(["prepareSale", "getSaleReadiness", "openSale"]);
    expect(calls[2]).toMatchObject({
      actor: { kind: "system", name: "events" },
      event: { eventId: event.id, version: 2, status: "published", slug: event.slug },
    });
  });

  test("while bookings is down the event stays a draft and nobody is told", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    await env.BOOKINGS.testDown(organizer.organizationId, true);
    const response = await call("POST", `/v1/events/${event.id}/publish`, { user: organizer.user });
    expect([response.status, (await problemOf(response)).code]).toEqual([503, "platform.unavailable"]);
    const now = await call("GET", `/v1/events/${event.id}`, { user: organizer.user });
    expect(await now.json()).toMatchObject({ status: "draft", version: 1 });
    expect(await outboxOf(event.id)).toEqual([]);
  });

  test("a sale whose publication could not be stored is closed again", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const app = ownApp((deps) => ({ events: { ...deps.events, save: async () => "overtaken" as const } }));
    const response = await app.fetch("POST", `/v1/events/${event.id}/publish`, { user: organizer.user });
    expect([response.status, (await problemOf(response)).code]).toEqual([409, "events.changed_meanwhile"]);
    const calls = await env.BOOKINGS.testCalls(event.id);
    const opened = calls.findLast(({ method }) => method === "openSale");
    expect(opened?.event?.version).toBe(2);
    expect(calls.at(-1)).toMatchObject({ method: "closeSale", version: 2 });
  });

  test("two publications at once are one", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const app = ownApp();
    const answers = await Promise.all(
      [1, 2].map(() => app.fetch("POST", `/v1/events/${event.id}/publish`, { user: organizer.user })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const told = await outboxOf(event.id);
    expect(told.map(({ type, consumer }) => [type, consumer]).sort()).toEqual([
      ["event.published", "bookings"],
      ["event.published", "search"],
    ]);
    expect((await env.BOOKINGS.testCalls(event.id)).at(-1)?.method).not.toBe("closeSale");
  });
});

describe("what others are told", () => {
  test("every message is one that its consumers understand, with the event's version", async () => {
    const organizer = await newOrganizer();
    const app = ownApp();
    const { user } = organizer;
    const created = await app.fetch("POST", "/v1/events", { user, body: eventBody(organizer.organizationId) });
    const { id }: EventView = await created.json();
    await app.fetch("POST", `/v1/events/${id}/publish`, { user });
    await app.fetch("PATCH", `/v1/events/${id}`, { user, body: { title: "Winter Night" } });
    await app.fetch("POST", `/v1/events/${id}/unpublish`, { user });
    await app.fetch("POST", `/v1/events/${id}/publish`, { user });
    await app.fetch("POST", `/v1/events/${id}/cancel`, { user });
    await app.fetch("POST", `/v1/events/${id}/archive`, { user });
    const told = await outboxOf(id);
    for (const { envelope } of told) expect(parseEnvelope(envelope)).toMatchObject({ ok: true });
    const search = told.filter(({ consumer }) => consumer === "search");
    expect(search.map(({ type, version }) => `${type} ${version}`)).toEqual([
      "event.published 2",
      "event.updated 3",
      "event.unpublished 4",
      "event.published 5",
      "event.cancelled 6",
    ]);
    expect(told.filter(({ consumer }) => consumer === "bookings")).toHaveLength(5);
    expect(search[1]?.envelope.payload).toMatchObject({
      event: {
        title: "Winter Night",
        place: "Town Hall, Berlin",
        online: false,
        latitude: 52.5,
        tags: ["jazz", "open air"],
        organizationName: expect.stringContaining("Organization"),
      },
    });
  });

  test("drafts are nobody's business", async () => {
    const organizer = await newOrganizer();
    const app = ownApp();
    const event = await createDraft(organizer);
    await app.fetch("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "Else" } });
    expect(await outboxOf(event.id)).toEqual([]);
  });

  test("search never learns of an unlisted event, and forgets one that becomes unlisted", async () => {
    const organizer = await newOrganizer();
    const { user } = organizer;
    const app = ownApp();
    const hidden = await createDraft(organizer, { visibility: "unlisted" });
    await app.fetch("POST", `/v1/events/${hidden.id}/publish`, { user });
    expect((await outboxOf(hidden.id)).map(({ consumer, type }) => [consumer, type])).toEqual([
      ["bookings", "event.published"],
    ]);

    const shown = await createDraft(organizer);
    await app.fetch("POST", `/v1/events/${shown.id}/publish`, { user });
    await app.fetch("PATCH", `/v1/events/${shown.id}`, { user, body: { visibility: "unlisted" } });
    const told = (await outboxOf(shown.id)).filter(({ version }) => version === 3);
    expect(told.map(({ consumer, type }) => [consumer, type])).toEqual([
      ["bookings", "event.updated"],
      ["search", "event.unpublished"],
    ]);
  });

  test("where to join online is in no message", async () => {
    const organizer = await newOrganizer();
    const app = ownApp();
    const event = await createDraft(organizer, { location: { kind: "online", url: "https://meet.example/secret" } });
    await app.fetch("POST", `/v1/events/${event.id}/publish`, { user: organizer.user });
    const told = await outboxOf(event.id);
    expect(told).toHaveLength(2);
    expect(JSON.stringify(told)).not.toContain("meet.example");
  });

  test("an event taken from the public is closed for sale at once, even where bookings does not hear it", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    await move(organizer, event, "cancel");
    const calls = await env.BOOKINGS.testCalls(event.id);
    expect(calls.at(-1)).toMatchObject({ method: "closeSale", version: 3 });

    const deaf = await createPublished(organizer);
    await env.BOOKINGS.testDown(organizer.organizationId, true);
    expect((await move(organizer, deaf, "cancel")).status).toBe("cancelled");
  });

  test("the outbox is emptied behind a write", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const { vi } = await import("vitest");
    await vi.waitFor(async () => expect(await outboxOf(event.id)).toEqual([]), { timeout: 5_000 });
  });
});

test("the page of a cancelled event stays, that of a draft cancelled in secret never is", async () => {
  const organizer = await newOrganizer();
  const known = await move(organizer, await createPublished(organizer), "cancel");
  expect(await (await call("GET", `/v1/events/${known.id}`)).json()).toMatchObject({ status: "cancelled" });
  const secret = await move(organizer, await createDraft(organizer), "cancel");
  expect((await call("GET", `/v1/events/${secret.id}`)).status).toBe(404);
});

describe.each(routes)("%s", (step) => {
  test("is for members who may publish", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const path = `/v1/events/${event.id}/${step}`;
    expect((await call("POST", path)).status).toBe(401);
    for (const [what, token] of Object.entries(await badTokens())) {
      const response = await call("POST", path, { headers: { authorization: `Bearer ${token}` } });
      expect([what, response.status]).toEqual([what, 401]);
    }
    expect((await call("POST", path, { user: await newMember(organizer.organizationId, "door") })).status).toBe(403);
    const other = await newOrganizer();
    const foreign = await call("POST", path, { user: other.user });
    expect([foreign.status, (await problemOf(foreign)).code]).toEqual([404, "events.not_found"]);
    const absent = await call("POST", `/v1/events/${newId("event", Date.now())}/${step}`, { user: other.user });
    expect([absent.status, (await problemOf(absent)).code]).toEqual([404, "events.not_found"]);
    expect((await call("POST", `/v1/events/nonsense/${step}`, { user: other.user })).status).toBe(404);
    expect(await (await call("GET", `/v1/events/${event.id}`, { user: organizer.user })).json()).toMatchObject({
      status: "draft",
      version: 1,
    });
  });
});
