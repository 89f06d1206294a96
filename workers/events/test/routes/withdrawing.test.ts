import { env } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import type { Permission } from "@foyer/contracts/shared/permissions";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import {
  call,
  createDraft,
  createPublished,
  dayMs,
  move,
  newOrganizer,
  problemOf,
  read,
  schedule,
} from "../helpers.ts";
import { outboxOf, ownApp } from "../own-app.ts";

/** What the outbox tells of an event, without its first publication. */
async function toldOf(event: EventView): Promise<string[]> {
  const told = await outboxOf(event.id);
  return told.filter(({ version }) => version > event.version).map(({ consumer, type }) => `${type} > ${consumer}`);
}

describe("taking an event back to a draft", () => {
  test.each([
    ["a ticket is out", { validTickets: 1, confirmedOrders: 1 }, { tickets: 1, openOrders: 0, reservations: 0 }],
    ["an order is open", { openOrders: 2 }, { tickets: 0, openOrders: 2, reservations: 0 }],
    ["places are held", { activeReservations: 3 }, { tickets: 0, openOrders: 0, reservations: 3 }],
    ["an order without tickets is confirmed", { confirmedOrders: 1 }, { tickets: 0, openOrders: 0, reservations: 0 }],
  ])("is refused while %s, and its sale goes on", async (_what, tally, extra) => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    await env.BOOKINGS.testTally(event.id, tally);
    const response = await call("POST", `/v1/events/${event.id}/unpublish`, { user: organizer.user });
    expect(response.status).toBe(409);
    expect(await problemOf(response)).toMatchObject({ code: "events.tickets_sold", ...extra });
    expect(await read(organizer, event.id)).toEqual(event);
    expect((await env.BOOKINGS.testCalls(event.id)).map(({ method }) => method)).not.toContain("closeSale");
  });

  test("is undone where somebody buys between the question and the closing of the sale", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    await env.BOOKINGS.testTally(event.id, {}, { activeReservations: 1 });
    const app = ownApp();
    const response = await app.fetch("POST", `/v1/events/${event.id}/unpublish`, { user: organizer.user });
    expect([response.status, (await problemOf(response)).code]).toEqual([409, "events.tickets_sold"]);
    const now = await read(organizer, event.id);
    expect(now).toMatchObject({ status: "published", version: event.version + 1 });
    const calls = await env.BOOKINGS.testCalls(event.id);
    expect(calls.slice(-2)).toMatchObject([
      { method: "getSaleTally" },
      { method: "openSale", event: { version: event.version + 1, status: "published" } },
    ]);
    expect(calls.at(-3)).toMatchObject({ method: "closeSale", version: event.version + 1 });
    // Should that call be lost, the message opens the sale.
    expect(await toldOf(event)).toEqual(["event.published > bookings"]);
  });

  test("closes the sale before it is sure that nobody buys", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    await move(organizer, event, "unpublish");
    const methods = (await env.BOOKINGS.testCalls(event.id)).map(({ method }) => method);
    expect(methods.slice(-3)).toEqual(["getSaleTally", "closeSale", "getSaleTally"]);
    expect((await call("GET", `/v1/events/${event.id}`)).status).toBe(404);
  });

  test("waits for the box office, and needs none for a scheduled event", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const scheduled = await schedule(organizer, await createDraft(organizer), Date.now() + dayMs);
    await env.BOOKINGS.testDown(organizer.organizationId, true);
    const response = await call("POST", `/v1/events/${event.id}/unpublish`, { user: organizer.user });
    expect([response.status, (await problemOf(response)).code]).toEqual([503, "platform.unavailable"]);
    expect(await read(organizer, event.id)).toEqual(event);
    expect(await move(organizer, scheduled, "unpublish")).toMatchObject({ status: "draft", publishAt: null });
  });
});

describe("postponing", () => {
  test("closes the sale, is told with the organizer's words, and holders get a mail where there are any", async () => {
    const organizer = await newOrganizer();
    const { user } = organizer;
    const app = ownApp();
    for (const [tally, notices] of [
      [{}, []],
      [{ validTickets: 2, confirmedOrders: 1 }, ["event.notice_due > bookings"]],
    ] as const) {
      const event = await createPublished(organizer);
      await env.BOOKINGS.testTally(event.id, tally);
      const body = { note: "The hall is flooded." };
      const response = await app.fetch("POST", `/v1/events/${event.id}/postpone`, { user, body });
      expect(await response.json()).toMatchObject({ status: "postponed", statusNote: "The hall is flooded." });
      expect(await toldOf(event)).toEqual(["event.postponed > search", "event.postponed > bookings", ...notices]);
      expect((await env.BOOKINGS.testCalls(event.id)).at(-1)).toMatchObject({ method: "closeSale", version: 3 });
      const notice = (await outboxOf(event.id)).find(({ type }) => type === "event.notice_due");
      if (notices.length > 0) expect(notice?.envelope.payload).toMatchObject({ notice: "postponed", version: 3 });
    }
  });

  test("works while the box office is away, which will know its holders", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    await env.BOOKINGS.testDown(organizer.organizationId, true);
    const response = await ownApp().fetch("POST", `/v1/events/${event.id}/postpone`, { user: organizer.user });
    expect(response.status).toBe(200);
    expect(await toldOf(event)).toContain("event.notice_due > bookings");
  });

  test("leaves the page and takes the event from the lists", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    await move(organizer, event, "postpone", { note: "Later." });
    const page = await call("GET", `/v1/events/${event.id}`);
    expect(await page.json()).toMatchObject({ status: "postponed", statusNote: "Later." });
    const { organizationId } = organizer;
    const list = await (await call("GET", `/v1/events?organizationId=${organizationId}`)).json<{ data: unknown[] }>();
    expect(list.data).toEqual([]);
  });

  test("is over with a publication ahead, which tells holders the date and drops the words", async () => {
    const organizer = await newOrganizer();
    const { user } = organizer;
    const event = await createPublished(organizer);
    await move(organizer, event, "postpone", { note: "Later." });
    await env.BOOKINGS.testTally(event.id, { validTickets: 1, confirmedOrders: 1 });
    const late = ownApp((deps) => ({ clock: { nowMs: () => deps.clock.nowMs() + 30 * dayMs + 3_600_000 } }));
    const refused = await problemOf(await late.fetch("POST", `/v1/events/${event.id}/publish`, { user }));
    expect(refused.missing).toEqual([{ code: "events.start_in_past", path: "startsAt" }]);

    const app = ownApp();
    const times = { startsAt: "2040-05-01T18:00:00Z", endsAt: "2040-05-01T21:00:00Z", confirm: true };
    const moved = await app.fetch("PATCH", `/v1/events/${event.id}`, { user, body: times });
    expect(await moved.json()).toMatchObject({ status: "postponed", previousStartsAt: event.startsAt });
    expect((await outboxOf(event.id)).filter(({ version }) => version === 4)).toEqual([]); // no date holds yet
    const back = await app.fetch("POST", `/v1/events/${event.id}/publish`, { user });
    expect(await back.json()).toMatchObject({
      status: "published",
      statusNote: null,
      previousStartsAt: event.startsAt,
    });
    const told = (await outboxOf(event.id)).filter(({ version }) => version === 5);
    expect(told.map(({ consumer, type }) => `${type} > ${consumer}`)).toEqual([
      "event.published > search",
      "event.published > bookings",
      "event.notice_due > bookings",
    ]);
    expect(told[2]?.envelope.payload).toMatchObject({ notice: "rescheduled", version: 5 });
    expect((await env.BOOKINGS.testCalls(event.id)).at(-1)).toMatchObject({
      method: "openSale",
      event: { startsAtMs: Date.parse(times.startsAt), note: null },
    });
  });
});

describe("cancelling", () => {
  test("is told with the organizer's words, which the page keeps, also when it is put away", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const body = { note: "Nobody can sing." };
    await ownApp().fetch("POST", `/v1/events/${event.id}/cancel`, { user: organizer.user, body });
    const told = (await outboxOf(event.id)).filter(({ type }) => type === "event.cancelled");
    expect(told.map(({ consumer }) => consumer)).toEqual(["search", "bookings"]);
    for (const { envelope } of told) expect(envelope.payload).toMatchObject(body);
    await move(organizer, event, "archive");
    expect(await (await call("GET", `/v1/events/${event.id}`)).json()).toMatchObject({ statusNote: body.note });
  });

  test("is refused to a person who has not proven who they are lately, and to one in another's place", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const stale = { authenticatedAtMs: Date.now() - (limits.stepUpFreshSeconds + 5) * 1_000 };
    const { userId } = organizer.user;
    const old = await newTestUser({ userId, ...stale });
    const refused = await call("POST", `/v1/events/${event.id}/cancel`, { user: old });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([401, "auth.step_up_required"]);
    const posing = await newTestUser({ userId, impersonatorId: newId("user", 1) });
    const denied = await call("POST", `/v1/events/${event.id}/cancel`, { user: posing });
    expect([denied.status, (await problemOf(denied)).code]).toEqual([403, "auth.impersonation_refused"]);
    expect(await read(organizer, event.id)).toEqual(event);
    // The other moves give no money back.
    expect((await call("POST", `/v1/events/${event.id}/postpone`, { user: old })).status).toBe(200);
  });
});

test("a program cancels with the scope for it, and with no other", async () => {
  const organizer = await newOrganizer();
  const event = await createPublished(organizer);
  const keyOf = async (...scopes: Permission[]) => {
    const keyId = newId("apiKey", Date.now());
    const key = `fk_${keyId.slice(4)}_${"x".repeat(43)}`;
    const { organizationId } = organizer;
    await env.USERS.testKey(key, { keyId, organizationId, scopes, expiresAtMs: null });
    return { headers: { authorization: `Bearer ${key}` } };
  };
  const path = `/v1/events/${event.id}/cancel`;
  expect((await call("POST", path, await keyOf("events.read", "events.write"))).status).toBe(403);
  expect((await call("POST", path, await keyOf("events.publish"))).status).toBe(200);
});

test.each(["postpone", "cancel"])("what is said when one does %s is held to its limit", async (step) => {
  const organizer = await newOrganizer();
  const event = await createPublished(organizer);
  const send = (body: unknown) => call("POST", `/v1/events/${event.id}/${step}`, { user: organizer.user, body });
  for (const note of ["", " ", "a".repeat(limits.statusNoteCharsMax + 1), "a\u0000b", 7, null]) {
    const response = await send({ note });
    expect([note, response.status]).toEqual([note, 422]);
    expect((await problemOf(response)).errors).toMatchObject([{ path: "note" }]);
  }
  expect((await problemOf(await send({ notes: "x" }))).errors).toMatchObject([{ path: "notes" }]);
  expect(await read(organizer, event.id)).toEqual(event);
  expect((await send({ note: "a".repeat(limits.statusNoteCharsMax) })).status).toBe(200);
});
