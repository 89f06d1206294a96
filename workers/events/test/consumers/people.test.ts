import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import { newId, type OrganizationId, type UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { consume } from "@foyer/messaging/consumer";
import { newMessage } from "@foyer/messaging/message";
import { newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { createHandlers } from "../../src/consumers/handlers.ts";
import { eventBody, newOrganizer, problemOf, type TestOrganizer } from "../helpers.ts";
import { outboxOf, ownApp } from "../own-app.ts";

const from = () => ({ source: "users", requestId: "req_users", nowMs: Date.now() });
const renamed = (organizationId: OrganizationId) => newMessage("organization.updated", { organizationId }, from());
const erasure = (userId: UserId) => newMessage("user.erasure_due", { userId }, from());

// No request of these tests empties the outbox behind their back: events are made through a worker that sends nothing.
const quiet = ownApp();

async function createDraft({ user, organizationId }: TestOrganizer, more: object = {}): Promise<EventView> {
  const response = await quiet.fetch("POST", "/v1/events", { user, body: eventBody(organizationId, { ...more }) });
  expect(response.status).toBe(201);
  return response.json();
}

async function createPublished(organizer: TestOrganizer, more: object = {}): Promise<EventView> {
  const { id } = await createDraft(organizer, more);
  const response = await quiet.fetch("POST", `/v1/events/${id}/publish`, { user: organizer.user });
  expect(response.status).toBe(200);
  return response.json();
}

async function deliver(...bodies: readonly unknown[]) {
  const batch = createMessageBatch(
    "foyer-events",
    bodies.map((body, index) => ({ id: String(index), timestamp: new Date(), attempts: 1, body })),
  );
  await consume(batch, createHandlers(quiet.deps), quiet.deps.consumer);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, createExecutionContext());
  return { acked: explicitAcks.length, retried: retryMessages.length };
}

async function nameIn(event: EventView, user: TestOrganizer["user"]): Promise<[string, number]> {
  const seen: EventView = await (await quiet.fetch("GET", `/v1/events/${event.id}`, { user })).json();
  return [seen.organization.name, seen.version];
}

describe("an organization's new name", () => {
  test("is written into all its events, told of those that are public, and shown at once", async () => {
    const organizer = await newOrganizer();
    const { organizationId } = organizer;
    const [listed, draft, unlisted] = [
      await createPublished(organizer),
      await createDraft(organizer),
      await createPublished(organizer, { visibility: "unlisted" }),
    ];
    const bystander = await createPublished(await newOrganizer());
    expect((await quiet.fetch("GET", `/v1/events/${listed.id}`)).status).toBe(200);
    await env.USERS.testOrganization({ id: organizationId, name: "New House", slug: "new-house" });
    expect(await deliver(renamed(organizationId))).toEqual({ acked: 1, retried: 0 });
    for (const event of [listed, draft, unlisted])
      expect(await nameIn(event, organizer.user)).toEqual(["New House", event.version + 1]);
    expect(await (await quiet.fetch("GET", `/v1/events/${listed.id}`)).json()).toMatchObject({
      organization: { name: "New House" },
    });
    const told = async (event: EventView) =>
      (await outboxOf(event.id))
        .filter(({ version }) => version > event.version)
        .map(({ consumer, type }) => `${consumer} ${type}`);
    expect(await told(listed)).toEqual(["search event.updated", "bookings event.updated"]);
    expect(await told(unlisted)).toEqual(["bookings event.updated"]);
    expect(await told(draft)).toEqual([]);
    expect(await told(bystander)).toEqual([]);
  });

  test("that is none is no change, however often it is told", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    await env.USERS.testOrganization({ id: organizer.organizationId, name: "Once", slug: "once" });
    for (let time = 0; time < 2; time += 1) await deliver(renamed(organizer.organizationId));
    expect(await nameIn(event, organizer.user)).toEqual(["Once", event.version + 1]);
  });

  test("reaches as many events as one delivery takes, and the rest with the next", async () => {
    const organizer = await newOrganizer();
    const { organizationId } = organizer;
    const pattern = await createDraft(organizer);
    const { results } = await env.EVENTS_DB.prepare("PRAGMA table_info(events)").all<{ name: string }>();
    const columns = results.map(({ name }) => name).filter((name) => name !== "id");
    await env.EVENTS_DB.prepare(
      `INSERT INTO events (id, ${columns.join()}) SELECT printf('evt_%026d', value) || '', ${columns.map((name) => `e.${name}`).join()}
       FROM events e, json_each(?2) WHERE e.id = ?1`,
    )
      .bind(pattern.id, JSON.stringify(Array.from({ length: limits.eventsRenamedPerRunMax }, (_, index) => index)))
      .run();
    await env.USERS.testOrganization({ id: organizationId, name: "Many", slug: "many" });
    const left = () =>
      env.EVENTS_DB.prepare(
        "SELECT count(*) AS n FROM events WHERE organization_id = ?1 AND organization_name <> 'Many'",
      )
        .bind(organizationId)
        .first("n");
    const message = renamed(organizationId);
    expect(await deliver(message)).toEqual({ acked: 0, retried: 1 });
    expect(await left()).toBe(1);
    expect(await deliver(message)).toEqual({ acked: 1, retried: 0 });
    expect(await left()).toBe(0);
  });
});

describe("a person", () => {
  async function givenGuest(email: string) {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer, { visibility: "private" });
    await quiet.fetch("POST", `/v1/events/${event.id}/guests`, {
      user: organizer.user,
      body: { guests: [{ email, name: "Guest" }, { email: `other-${email}` }] },
    });
    return event;
  }
  const listsOf = async (email: string): Promise<unknown> =>
    env.EVENTS_DB.prepare("SELECT count(*) AS n FROM event_guests WHERE email = ?1").bind(email).first("n");
  const answers = async (userId: string): Promise<number> => {
    const { results } = await env.EVENTS_DB.prepare("SELECT body FROM outbox WHERE consumer = 'users'").all<{
      body: string;
    }>();
    return results.filter(({ body }) => body.includes(userId) && body.includes("user.erased")).length;
  };

  test("who is erased is on no list any more, others stay, and users is told once", async () => {
    const email = `guest-${crypto.randomUUID()}@example.com`;
    await givenGuest(email);
    await givenGuest(email);
    const userId = newId("user", Date.now());
    await env.USERS.testErasure({ userId, email, emailVerified: true, requestedAtMs: Date.now() });
    const message = erasure(userId);
    expect(await deliver(message, message)).toEqual({ acked: 2, retried: 0 });
    expect(await listsOf(email)).toBe(0);
    expect(await listsOf(`other-${email}`)).toBe(2);
    expect(await answers(userId)).toBe(1);
  });

  test("who never proved the address is none of its lists, and what came later is another's", async () => {
    const email = `guest-${crypto.randomUUID()}@example.com`;
    await givenGuest(email);
    const [unproven, earlier] = [newId("user", 1), newId("user", 2)];
    await env.USERS.testErasure({ userId: unproven, email, emailVerified: false, requestedAtMs: Date.now() });
    await env.USERS.testErasure({ userId: earlier, email, emailVerified: true, requestedAtMs: 1 });
    expect(await deliver(erasure(unproven), erasure(earlier))).toEqual({ acked: 2, retried: 0 });
    expect(await listsOf(email)).toBe(1);
  });

  test("is not called forgotten while users has no answer", async () => {
    const userId = newId("user", Date.now());
    await env.USERS.testErasure({ userId, email: "a@example.com", emailVerified: true, requestedAtMs: 1 });
    await env.USERS.testDown(1);
    expect(await deliver(erasure(userId))).toEqual({ acked: 0, retried: 1 });
    expect(await answers(userId)).toBe(0);
  });

  test("who is erased follows nobody any more, and is counted nowhere; others follow on", async () => {
    const { organizationId } = await newOrganizer();
    const [leaving, staying] = [await newTestUser(), await newTestUser()];
    for (const user of [leaving, staying]) {
      await env.USERS.testContact({ userId: user.userId, email: "a@example.com", name: "Fan", emailVerified: false });
      await quiet.fetch("POST", `/v1/organizations/${organizationId}/follow`, { user });
    }
    const exported = await quiet.fetch("GET", "/v1/users/profile/export", { user: leaving });
    expect(await exported.json()).toMatchObject({ parts: { events: { follows: [{ organizationId }] } } });
    await env.USERS.testErasure({
      userId: leaving.userId,
      email: "a@example.com",
      emailVerified: false,
      requestedAtMs: 1,
    });
    const message = erasure(leaving.userId);
    expect(await deliver(message, message)).toEqual({ acked: 2, retried: 0 });
    const profile = await quiet.fetch("GET", `/v1/organizations/${organizationId}/profile`, { user: staying });
    expect(await profile.json()).toMatchObject({ followers: 1, following: true });
    const left = await quiet.fetch("GET", "/v1/users/profile/follows", { user: leaving });
    expect(await left.json()).toEqual({ data: [], nextCursor: null });
  });

  test("sees in their export which lists they are on, under a proven address, and nobody else does", async () => {
    const email = `guest-${crypto.randomUUID()}@example.com`;
    const event = await givenGuest(email);
    const [proven, unproven] = [await newTestUser(), await newTestUser()];
    for (const user of [proven, unproven])
      await env.USERS.testContact({ userId: user.userId, email, name: "Guest", emailVerified: user === proven });
    const read = (user?: TestOrganizer["user"]) =>
      quiet.fetch("GET", "/v1/users/profile/export", user === undefined ? {} : { user });
    expect(await (await read(proven)).json()).toMatchObject({
      parts: {
        events: { invitations: [{ eventId: event.id, title: event.title, email, name: "Guest" }], cutShort: [] },
      },
    });
    expect(await (await read(unproven)).json()).toMatchObject({ parts: { events: { invitations: [] } } });
    expect((await read()).status).toBe(401);
    const old = await newTestUser({ authenticatedAtMs: 0 });
    expect((await problemOf(await read(old))).code).toBe("auth.step_up_required");
  });
});
