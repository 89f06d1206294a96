import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import type { Envelope } from "@foyer/contracts/messages/envelope";
import { newId } from "@foyer/kernel/ids";
import { consume } from "@foyer/messaging/consumer";
import { newMessage } from "@foyer/messaging/message";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { expect, test } from "vitest";
import { createHandlers } from "../../src/consumers/handlers.ts";
import type { Deps } from "../../src/deps.ts";
import { EventsWorker } from "../../src/entrypoint.ts";
import { dayMs, eventBody, newOrganizer, problemOf, type TestOrganizer } from "../helpers.ts";
import { ownApp } from "../own-app.ts";

const url = "https://events.example/v1/admin/events/dead-letters";

// No request of these tests empties the outbox behind their back: events are made through a worker that sends nothing.
const quiet = ownApp();

async function createDraft({ user, organizationId }: TestOrganizer, more: object = {}): Promise<EventView> {
  const body = eventBody(organizationId, { ...more });
  const response = await quiet.fetch("POST", "/v1/events", { user, body });
  expect(response.status).toBe(201);
  return response.json();
}

async function move({ user }: TestOrganizer, { id }: EventView, name: string): Promise<EventView> {
  const response = await quiet.fetch("POST", `/v1/events/${id}/${name}`, { user });
  expect(response.status).toBe(200);
  return response.json();
}

const createPublished = async (organizer: TestOrganizer, more: object = {}): Promise<EventView> =>
  move(organizer, await createDraft(organizer, more), "publish");

/** What users asks about an organization. */
function question({ organizationId }: Pick<TestOrganizer, "organizationId">): Envelope<"organization.closing"> {
  return newMessage(
    "organization.closing",
    { organizationId },
    { source: "users", requestId: "req_closing", nowMs: Date.now() },
  );
}

function batchOf(bodies: readonly unknown[], queue = "foyer-events") {
  return createMessageBatch(
    queue,
    bodies.map((body, index) => ({ id: String(index), timestamp: new Date(), attempts: 1, body })),
  );
}

/** Has messages handled by a worker whose outbox is left full; which were acknowledged and which are to come again. */
async function deliver(bodies: readonly unknown[], change: (deps: Deps) => Partial<Deps> = () => ({})) {
  const { deps } = ownApp(change);
  const batch = batchOf(bodies);
  await consume(batch, createHandlers(deps), deps.consumer);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, createExecutionContext());
  return { acked: explicitAcks.length, retried: retryMessages.length };
}

/** What users is told about an organization, oldest first. */
async function answers({ organizationId }: Pick<TestOrganizer, "organizationId">): Promise<number[]> {
  const { results } = await env.EVENTS_DB.prepare(
    `SELECT consumer, body FROM outbox WHERE body ->> '$.type' = 'organization.closing_answered' AND body ->> '$.payload.organizationId' = ?1
     ORDER BY rowid`,
  )
    .bind(organizationId)
    .all<{ consumer: string; body: string }>();
  return results.map(({ consumer, body }) => {
    const { source, requestId, payload } = JSON.parse(body) as Envelope<"organization.closing_answered">;
    expect({ consumer, source, requestId }).toEqual({ consumer: "users", source: "events", requestId: "req_closing" });
    return payload.openEvents;
  });
}

/** Lets an event end. */
const end = (id: string) =>
  env.EVENTS_DB.prepare("UPDATE events SET starts_at_ms = 1, ends_at_ms = 2 WHERE id = ?1").bind(id).run();

test("what is public and not over, or postponed, stands in the way, listed or not; drafts, cancelled, archived and past events do not", async () => {
  const organizer = await newOrganizer();
  await createPublished(await newOrganizer());
  await createDraft(organizer);
  await createPublished(organizer);
  await createPublished(organizer, { visibility: "unlisted" });
  const running = await createPublished(organizer);
  await env.EVENTS_DB.prepare("UPDATE events SET starts_at_ms = 1 WHERE id = ?1").bind(running.id).run();
  await end((await createPublished(organizer)).id);
  for (const name of ["cancel", "unpublish"]) await move(organizer, await createPublished(organizer), name);
  await move(organizer, await createDraft(organizer), "archive");
  // One that is postponed will take place, whatever its old date.
  await end((await move(organizer, await createPublished(organizer), "postpone")).id);
  expect(await deliver([question(organizer)])).toEqual({ acked: 1, retried: 0 });
  expect(await answers(organizer)).toEqual([4]);
});

test("an organization without any event, or with none in the way, may close", async () => {
  const [empty, past] = [await newOrganizer(), await newOrganizer()];
  await end((await createPublished(past)).id);
  await createDraft(past);
  await deliver([question(empty), question(past)]);
  expect([await answers(empty), await answers(past)]).toEqual([[0], [0]]);
});

test("a question that comes twice, in one batch or later, is answered once; another one is answered anew", async () => {
  const organizer = await newOrganizer();
  const event = await createPublished(organizer);
  const asked = question(organizer);
  expect(await deliver([asked, asked])).toEqual({ acked: 2, retried: 0 });
  expect(await deliver([asked])).toEqual({ acked: 1, retried: 0 });
  expect(await answers(organizer)).toEqual([1]);
  await move(organizer, event, "cancel");
  await deliver([question(organizer), question(organizer)]);
  expect(await answers(organizer)).toEqual([1, 0, 0]);
});

test("once an organization may close, what was about to be published is not, and its sale is closed again", async () => {
  const organizer = await newOrganizer();
  const draft = await createDraft(organizer);
  // The question is handled after the right to publish was checked, and before the event is stored.
  let asked = false;
  const slow = ownApp(({ bookings }) => ({
    bookings: {
      ...bookings,
      openSale: async (...args) => {
        if (!asked) await deliver([question(organizer)]);
        asked = true;
        return bookings.openSale(...args);
      },
    },
  }));
  const response = await slow.fetch("POST", `/v1/events/${draft.id}/publish`, { user: organizer.user });
  // The stand-in for users knows nothing of closing; the second look of events does.
  expect(await problemOf(response)).toMatchObject({
    code: "events.not_publishable",
    missing: [{ code: "events.organization_closed", path: "organizationId" }],
  });
  expect(await answers(organizer)).toEqual([0]);
  const event = await quiet.fetch("GET", `/v1/events/${draft.id}`, { user: organizer.user });
  expect(await event.json()).toMatchObject({ status: "draft", version: 1 });
  const calls = await env.BOOKINGS.testCalls(draft.id);
  expect(calls.at(-1)).toMatchObject({ method: "closeSale" });
});

test("a past event of a closed organization is not moved into the future", async () => {
  const organizer = await newOrganizer();
  const event = await createPublished(organizer);
  await end(event.id);
  await deliver([question(organizer)]);
  const body = {
    startsAt: new Date(Date.now() + dayMs).toISOString(),
    endsAt: new Date(Date.now() + 2 * dayMs).toISOString(),
  };
  const response = await quiet.fetch("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body });
  expect(await problemOf(response)).toMatchObject({ status: 409, code: "events.changed_meanwhile" });
  expect(await answers(organizer)).toEqual([0]);
});

test("an event that is published between the count and the commit makes the question come again, and is counted", async () => {
  const organizer = await newOrganizer();
  const asked = question(organizer);
  const overtaken = await deliver([asked], ({ events }) => ({
    events: {
      ...events,
      countOpen: async (...args) => {
        const open = await events.countOpen(...args);
        await createPublished(organizer);
        return open;
      },
    },
  }));
  expect(overtaken).toEqual({ acked: 0, retried: 1 });
  expect(await answers(organizer)).toEqual([]);
  expect(await deliver([asked])).toEqual({ acked: 1, retried: 0 });
  expect(await answers(organizer)).toEqual([1]);
});

test("a worker that dies before its commit has answered nothing, and the redelivered question is answered", async () => {
  const organizer = await newOrganizer();
  const asked = question(organizer);
  await env.EVENTS_DB.exec("CREATE TRIGGER crash BEFORE INSERT ON outbox BEGIN SELECT raise(ABORT, 'crash'); END");
  expect(await deliver([asked])).toEqual({ acked: 0, retried: 1 });
  await env.EVENTS_DB.exec("DROP TRIGGER crash");
  // Nothing of the first try is left: it can still publish.
  const event = await createPublished(organizer);
  await deliver([asked]);
  expect(await answers(organizer)).toEqual([1]);
  await move(organizer, event, "cancel");
});

async function toWorker(bodies: readonly unknown[], queue?: string) {
  const batch = batchOf(bodies, queue);
  const context = createExecutionContext();
  await new EventsWorker(context, env).queue(batch);
  return (await getQueueResult(batch, context)).explicitAcks.length;
}

test("the answer is on its way as soon as the question is handled", async () => {
  const organizer = await newOrganizer();
  expect(await toWorker([question(organizer)])).toBe(1);
  expect(await answers(organizer)).toEqual([]);
  const handled = await env.EVENTS_DB.prepare(
    "SELECT count(*) AS rows FROM closed_organizations WHERE organization_id = ?1",
  )
    .bind(organizer.organizationId)
    .first<number>("rows");
  expect(handled).toBe(1);
});

test("a question that the queue gave up on is listed for administrators, and a replay answers it once", async () => {
  const organizer = await newOrganizer();
  const asked = question(organizer);
  expect(await toWorker([asked], "foyer-events-dlq")).toBe(1);
  const { headers } = await newTestUser({ platformAdmin: true });
  const listed = await exports.default.fetch(url, { headers });
  const page = await listed.json<{ data: { id: string; messageId: string; type: string }[] }>();
  const letter = page.data.find(({ messageId }) => messageId === asked.id);
  expect(letter).toMatchObject({ type: "organization.closing", reason: "retries exhausted" });
  const { fetch } = ownApp();
  for (let press = 1; press <= 2; press += 1) {
    const replay = await fetch("POST", `/v1/admin/events/dead-letters/${letter?.id}/replay`, { headers });
    expect(replay.status).toBe(200);
  }
  expect(await answers(organizer)).toEqual([0]);
});

test("dead letters are for administrators of the platform", async () => {
  for (const [method, target] of [
    ["GET", url],
    ["POST", `${url}/ddl_x/replay`],
  ] as const) {
    expect((await exports.default.fetch(target, { method })).status).toBe(401);
    for (const token of Object.values(await badTokens())) {
      const headers = { authorization: `Bearer ${token}` };
      expect((await exports.default.fetch(target, { method, headers })).status).toBe(401);
    }
    const { headers } = await newTestUser();
    expect((await exports.default.fetch(target, { method, headers })).status).toBe(403);
  }
});

test("what is no message of ours is a dead letter at once, and another queue's message is left alone", async () => {
  const foreign = newMessage(
    "organization.created",
    { organizationId: newId("organization", 1), ownerId: newId("user", 1) },
    {
      source: "users",
      requestId: "req_test",
      nowMs: Date.now(),
    },
  );
  expect(await toWorker([{ hello: "events" }, foreign])).toBe(2);
  const stored = await env.EVENTS_DB.prepare("SELECT reason FROM dead_letters WHERE body LIKE '%hello%'").first();
  expect(stored?.reason).toContain("envelope");
});
