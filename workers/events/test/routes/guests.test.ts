import { env, exports } from "cloudflare:workers";
import type { EventAccessView } from "@foyer/contracts/events/access";
import type { EventView } from "@foyer/contracts/events/api";
import type { GuestView } from "@foyer/contracts/events/guests";
import type { EventsRpc } from "@foyer/contracts/events/rpc";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { dayMs } from "@foyer/kernel/clock";
import { type Id, newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { createDeps } from "../../src/deps.ts";
import { sendInvitations } from "../../src/service/send-invitations.ts";
import {
  call,
  createDraft,
  createPublished,
  move,
  newMember,
  newOrganizer,
  problemOf,
  type TestOrganizer,
} from "../helpers.ts";
import { outboxOf, ownApp } from "../own-app.ts";

// What lies behind the default export is an EventsRpc, which the class declares; its RPC type is too deep to be inferred here.
const events = exports.default as object as EventsRpc;
const system: CallContext = { actor: { kind: "system", name: "notifications" }, requestId: "req-1" };

const address = (): string => `guest-${crypto.randomUUID()}@example.com`;
const privately = { visibility: "private" };

async function invite(
  organizer: TestOrganizer,
  event: EventView,
  ...guests: { email: string; name?: string }[]
): Promise<GuestView[]> {
  const response = await call("POST", `/v1/events/${event.id}/guests`, { user: organizer.user, body: { guests } });
  expect(response.status).toBe(200);
  return ((await response.json()) as { data: GuestView[] }).data;
}

async function tokenOf(event: EventView, guest: GuestView): Promise<string> {
  const answer = await events.getInvitation(system, { eventId: event.id, guestId: guest.id });
  if (!answer.ok) throw new Error(answer.error.code);
  return answer.value.token;
}

const enter = (event: EventView, body: unknown, user?: TestOrganizer["user"]) =>
  call("POST", `/v1/events/${event.id}/access`, { body, ...(user === undefined ? {} : { user }) });

async function messagesAbout(eventId: string): Promise<string[]> {
  return (await outboxOf(eventId))
    .filter(({ type }) => type === "event.invitation_due")
    .map(({ consumer }) => consumer);
}

describe("inviting", () => {
  test("puts people on the list once, and has one mail written to each, by an id and no address", async () => {
    const organizer = await newOrganizer();
    const app = ownApp();
    const event = await createPublished(organizer, privately);
    const [first, second] = [address(), address()];
    const send = async (...guests: object[]): Promise<GuestView[]> => {
      const response = await app.fetch("POST", `/v1/events/${event.id}/guests`, {
        user: organizer.user,
        body: { guests },
      });
      return ((await response.json()) as { data: GuestView[] }).data;
    };
    const guests = await send({ email: first.toUpperCase(), name: "First" }, { email: second });
    expect(guests).toMatchObject([
      { email: first, name: "First", status: "invited", mailsSent: 1 },
      { email: second, name: null, status: "invited", mailsSent: 1 },
    ]);
    expect(await send({ email: first, name: "Another" })).toMatchObject([
      { id: guests[0]?.id, name: "First", mailsSent: 1 },
    ]);
    const told = (await outboxOf(event.id)).filter(({ type }) => type === "event.invitation_due");
    expect(told.map(({ consumer }) => consumer)).toEqual(["notifications", "notifications"]);
    expect(JSON.stringify(told)).not.toContain("@example.com");
  });

  test("to a draft waits until it is published", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer, privately);
    const [guest] = await invite(organizer, event, { email: address() });
    expect(guest).toMatchObject({ status: "waiting", mailsSent: 0 });
    expect(await messagesAbout(event.id)).toEqual([]);
    await move(organizer, event, "publish");
    let nowMs = Date.now() + 60_000;
    const deps = { ...createDeps(env), clock: { nowMs: () => nowMs } };
    await sendInvitations(deps, "req-1", event.id);
    expect(await messagesAbout(event.id)).toEqual([]); // it is looked at again after its wait
    nowMs += 5 * 60_000;
    await Promise.all(Array.from({ length: 4 }, () => sendInvitations(deps, "req-1", event.id)));
    expect(await messagesAbout(event.id)).toEqual(["notifications"]);
  });

  test("is for private events, for those who may write, and for real addresses, a hundred at once", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer, privately);
    const open = await createPublished(organizer);
    const post = (id: string, body: unknown, user = organizer.user) =>
      call("POST", `/v1/events/${id}/guests`, { user, body });
    const one = { guests: [{ email: address() }] };
    expect((await problemOf(await post(open.id, one))).code).toBe("events.not_private");
    expect((await post(event.id, one, (await newOrganizer()).user)).status).toBe(404);
    expect((await post(event.id, one, await newMember(organizer.organizationId, "door"))).status).toBe(403);
    expect((await call("POST", `/v1/events/${event.id}/guests`, { body: one })).status).toBe(401);
    const many = (count: number) => ({ guests: Array.from({ length: count }, () => ({ email: address() })) });
    expect((await post(event.id, many(limits.guestsPerCallMax + 1))).status).toBe(422);
    expect((await post(event.id, many(limits.guestsPerCallMax))).status).toBe(200);
    for (const body of [
      {},
      { guests: [] },
      { guests: [{ email: "nobody" }] },
      { guests: [{ email: "a@b.example\r\nBcc: c@d.example" }] },
      { guests: [{ email: address(), status: "invited" }] },
    ])
      expect((await post(event.id, body)).status).toBe(422);
  });

  test("ends at the limit of an event, with none of the call added", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer, privately);
    const insert = `INSERT INTO event_guests (id, event_id, organization_id, email, nonce, mails_sent, created_at_ms, kept_until_ms)
      SELECT 'gst_' || ?1 || value, ?1, ?2, value || '@example.com', '', 0, 1, 9e15 FROM json_each(?3)`;
    const ids = JSON.stringify(Array.from({ length: limits.guestsPerEventMax - 1 }, (_, index) => index));
    await env.EVENTS_DB.prepare(insert).bind(event.id, organizer.organizationId, ids).run();
    const two = { guests: [{ email: address() }, { email: address() }] };
    const refused = await call("POST", `/v1/events/${event.id}/guests`, { user: organizer.user, body: two });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([409, "events.too_many_guests"]);
    await invite(organizer, event, { email: address() });
    const count = await env.EVENTS_DB.prepare("SELECT count(*) AS n FROM event_guests WHERE event_id = ?1")
      .bind(event.id)
      .first("n");
    expect(count).toBe(limits.guestsPerEventMax);
  });

  test("writes no more mails in a day than an organization may, and the rest the next day", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer, privately);
    const today = Math.floor(Date.now() / dayMs);
    await env.EVENTS_DB.prepare("INSERT INTO invitation_mails (organization_id, day, count) VALUES (?1, ?2, ?3)")
      .bind(organizer.organizationId, today, limits.invitationMailsPerDayMax - 2)
      .run();
    const guests = await invite(organizer, event, ...Array.from({ length: 5 }, () => ({ email: address() })));
    expect(guests.filter(({ mailsSent }) => mailsSent === 1)).toHaveLength(2);
    const tomorrow = { nowMs: () => Date.now() + dayMs };
    await sendInvitations({ ...createDeps(env), clock: tomorrow }, "req-1", event.id);
    const { results } = await env.EVENTS_DB.prepare("SELECT mails_sent AS sent FROM event_guests WHERE event_id = ?1")
      .bind(event.id)
      .all();
    expect(results).toEqual(Array.from({ length: 5 }, () => ({ sent: 1 })));
  });
});

describe("an invitation", () => {
  test("lets its holder in by its token, and nobody by a token of another's or one that is made up", async () => {
    const organizer = await newOrganizer();
    const [event, other] = [await createPublished(organizer, privately), await createPublished(organizer, privately)];
    const [guest] = await invite(organizer, event, { email: address() });
    const [stranger] = await invite(organizer, other, { email: address() });
    if (guest === undefined || stranger === undefined) throw new Error("both are invited");
    const token = await tokenOf(event, guest);
    const entered = await enter(event, { invitation: token });
    expect(entered.status).toBe(200);
    const { grant }: EventAccessView = await entered.json();
    expect((await call("GET", `/v1/events/${event.id}`, { headers: { "x-event-access": grant } })).status).toBe(200);
    const foreign = await tokenOf(other, stranger);
    const mixed = `${guest.id}.${foreign.split(".")[1]}`;
    for (const invitation of [
      foreign,
      mixed,
      `${token}x`,
      token.toUpperCase(),
      guest.id,
      ".",
      "x".repeat(limits.opaqueTokenCharsMax),
    ])
      expect((await enter(event, { invitation })).status).toBe(404);
  });

  test("lets in whoever is signed in under a proven address that is on the list", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer, privately);
    const [proven, unproven, unknown] = [await newTestUser(), await newTestUser(), await newTestUser()];
    for (const user of [proven, unproven]) {
      const email = address();
      await env.USERS.testContact({ userId: user.userId, email, name: "Guest", emailVerified: user === proven });
      await invite(organizer, event, { email });
    }
    expect((await enter(event, {}, proven)).status).toBe(200);
    expect((await enter(event, {}, unproven)).status).toBe(404);
    expect((await enter(event, {}, unknown)).status).toBe(404);
  });

  test("is void with its guest's removal: token, grant and mail", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer, privately);
    const [guest, stays] = await invite(organizer, event, { email: address() }, { email: address() });
    if (guest === undefined || stays === undefined) throw new Error("both are invited");
    const token = await tokenOf(event, guest);
    const { grant }: EventAccessView = await (await enter(event, { invitation: token })).json();
    const path = `/v1/events/${event.id}/guests/${guest.id}`;
    expect((await call("DELETE", path, { user: (await newOrganizer()).user })).status).toBe(404);
    expect((await call("DELETE", path, { user: organizer.user })).status).toBe(204);
    expect((await problemOf(await call("DELETE", path, { user: organizer.user }))).code).toBe("events.guest_not_found");
    expect((await call("GET", `/v1/events/${event.id}`, { headers: { "x-event-access": grant } })).status).toBe(404);
    expect((await enter(event, { invitation: token })).status).toBe(404);
    expect(await events.getInvitation(system, { eventId: event.id, guestId: guest.id })).toMatchObject({
      error: { code: "events.invitation_void" },
    });
    expect((await enter(event, { invitation: await tokenOf(event, stays) })).status).toBe(200);
  });

  test("is told to workers alone, and only while its guest can be let in", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer, privately);
    const [guest] = await invite(organizer, event, { email: address() });
    const guestId = guest?.id ?? ("gst_x" as Id<"guest">);
    const asked = (caller: CallContext) => events.getInvitation(caller, { eventId: event.id, guestId });
    expect(await asked(system)).toMatchObject({ value: { to: guest?.email, event: { title: event.title } } });
    expect(await asked({ actor: { kind: "anonymous" }, requestId: "req-1" })).toMatchObject({
      error: { code: "auth.forbidden" },
    });
    await move(organizer, event, "unpublish");
    expect(await asked(system)).toMatchObject({ error: { code: "events.invitation_void" } });
  });

  test("is sent again with the same link, not too soon and not too often", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer, privately);
    const [guest] = await invite(organizer, event, { email: address() });
    if (guest === undefined) throw new Error("one is invited");
    const token = await tokenOf(event, guest);
    let nowMs = Date.now();
    const app = ownApp(() => ({ clock: { nowMs: () => nowMs } }));
    const resend = () =>
      app.fetch("POST", `/v1/events/${event.id}/guests/${guest.id}/resend`, { user: organizer.user });
    const soon = await resend();
    expect([soon.status, (await problemOf(soon)).code]).toEqual([429, "events.invitation_too_soon"]);
    expect(Number(soon.headers.get("retry-after"))).toBeGreaterThan(0);
    for (let sent = 2; sent <= limits.invitationMailsPerGuestMax; sent += 1) {
      nowMs += limits.invitationPauseSeconds * 1_000;
      expect(await (await resend()).json()).toMatchObject({ id: guest.id, mailsSent: sent });
    }
    nowMs += limits.invitationPauseSeconds * 1_000;
    expect((await resend()).status).toBe(429);
    expect(await tokenOf(event, guest)).toBe(token);
  });
});

test("the list is read page by page, by those who may write", async () => {
  const organizer = await newOrganizer();
  const event = await createPublished(organizer, privately);
  const guests = await invite(organizer, event, ...Array.from({ length: 5 }, () => ({ email: address() })));
  const path = `/v1/events/${event.id}/guests`;
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const response = await call("GET", `${path}?limit=2${cursor === null ? "" : `&cursor=${cursor}`}`, {
      user: organizer.user,
    });
    expect([response.status, response.headers.get("cache-control")]).toEqual([200, "private, no-store"]);
    const page = (await response.json()) as { data: GuestView[]; nextCursor: string | null };
    seen.push(...page.data.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== null);
  expect(seen).toEqual(guests.map(({ id }) => id));
  expect((await call("GET", path)).status).toBe(401);
  expect((await call("GET", path, { user: (await newOrganizer()).user })).status).toBe(404);
  expect((await call("GET", path, { user: await newMember(organizer.organizationId, "door") })).status).toBe(403);
});

test("guests are forgotten some days after their event has ended, as it was moved, and no sooner", async () => {
  const organizer = await newOrganizer();
  const event = await createPublished(organizer, privately);
  await invite(organizer, event, { email: address() });
  const { guests } = createDeps(env);
  const endMs = Date.parse(event.endsAt?.utc ?? "");
  const kept = limits.guestsKeptDays * dayMs;
  const left = () =>
    env.EVENTS_DB.prepare("SELECT count(*) AS n FROM event_guests WHERE event_id = ?1").bind(event.id).first("n");
  // It is put off by ten days without anybody looking at its guests.
  await env.EVENTS_DB.prepare("UPDATE events SET ends_at_ms = ends_at_ms + ?2 WHERE id = ?1")
    .bind(event.id, 10 * dayMs)
    .run();
  await guests.forgetPast(endMs + kept, kept);
  expect(await left()).toBe(1);
  await guests.forgetPast(endMs + 10 * dayMs + kept - 1, kept);
  expect(await left()).toBe(1);
  await guests.forgetPast(endMs + 10 * dayMs + kept, kept);
  expect(await left()).toBe(0);
});

test("a draft that is deleted takes its list with it", async () => {
  const organizer = await newOrganizer();
  const event = await createDraft(organizer, privately);
  await invite(organizer, event, { email: address() });
  expect((await call("DELETE", `/v1/events/${event.id}`, { user: organizer.user })).status).toBe(204);
  const left = await env.EVENTS_DB.prepare("SELECT count(*) AS n FROM event_guests WHERE event_id = ?1")
    .bind(event.id)
    .first("n");
  expect(left).toBe(0);
  expect(
    (
      await call("POST", `/v1/events/${newId("event", 1)}/guests`, {
        user: organizer.user,
        body: { guests: [{ email: address() }] },
      })
    ).status,
  ).toBe(404);
});
