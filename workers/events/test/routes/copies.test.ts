import { env, exports } from "cloudflare:workers";
import type { EventView, MediaView } from "@foyer/contracts/events/api";
import { newId } from "@foyer/kernel/ids";
import { type headers, whole } from "@foyer/testing/images";
import { badTokens } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import {
  call,
  createDraft,
  createPublished,
  dayMs,
  move,
  newMember,
  newOrganizer,
  problemOf,
  read,
  type TestOrganizer,
} from "../helpers.ts";
import { ownApp } from "../own-app.ts";

async function duplicate(
  organizer: TestOrganizer,
  eventId: string,
  body?: Record<string, unknown>,
): Promise<EventView> {
  const options = body === undefined ? {} : { body };
  const response = await call("POST", `/v1/events/${eventId}/duplicate`, { user: organizer.user, ...options });
  expect(response.status).toBe(201);
  const copy: EventView = await response.json();
  expect(response.headers.get("location")).toBe(`/v1/events/${copy.id}`);
  expect(response.headers.get("etag")).toBe('"1"');
  return copy;
}

async function addImage(organizer: TestOrganizer, eventId: string, kind: keyof typeof headers): Promise<MediaView> {
  const response = await exports.default.fetch(`https://events.example/v1/events/${eventId}/media`, {
    method: "POST",
    headers: { "content-type": `image/${kind}`, ...organizer.user.headers },
    body: whole(kind, 1_000),
  });
  expect(response.status).toBe(201);
  return response.json();
}

async function imagesOf(organizer: TestOrganizer, eventId: string): Promise<MediaView[]> {
  const response = await call("GET", `/v1/events/${eventId}/media`, { user: organizer.user });
  return (await response.json<{ data: MediaView[] }>()).data;
}

async function countEvents(organizer: TestOrganizer): Promise<number | null> {
  return env.EVENTS_DB.prepare("SELECT count(*) AS rows FROM events WHERE organization_id = ?1")
    .bind(organizer.organizationId)
    .first<number>("rows");
}

describe("a copy", () => {
  test("is a draft of its own with all that the original says of itself, and nothing that happened to it", async () => {
    const organizer = await newOrganizer();
    const title = `Night ${crypto.randomUUID()}`;
    const original = await createPublished(organizer, { title, categoryId: "cat_00000000000000000000000012" });
    await env.BOOKINGS.testTally(original.id, { validTickets: 1 });
    const later = { startsAt: "2040-01-01T00:00:00Z", endsAt: "2040-01-02T00:00:00Z", confirm: true };
    await call("PATCH", `/v1/events/${original.id}`, { user: organizer.user, body: later });
    await move(organizer, original, "cancel", { note: "No." });
    const before = await read(organizer, original.id);
    const copy = await duplicate(organizer, original.id);
    expect(copy).toEqual({
      ...before,
      id: copy.id,
      slug: copy.slug,
      status: "draft",
      version: 1,
      statusNote: null,
      previousStartsAt: null,
      publishedAt: null,
      createdAt: copy.createdAt,
      updatedAt: copy.createdAt,
    });
    expect(copy.id).not.toBe(before.id);
    expect(copy.slug).not.toBe(before.slug);
    expect(await read(organizer, copy.id)).toEqual(copy);
    expect(await read(organizer, original.id)).toEqual(before);
    const stored = await ownApp().deps.events.find(copy.id);
    expect(stored).toMatchObject({ calendarSequence: 0, accessVersion: 1, passwordHash: null, seriesId: null });
    expect((await call("DELETE", `/v1/events/${copy.id}`, { user: organizer.user })).status).toBe(204);
  });

  test("has the original's sale, made known before the draft is", async () => {
    const organizer = await newOrganizer();
    const original = await createPublished(organizer);
    const copy = await duplicate(organizer, original.id);
    expect(await env.BOOKINGS.testCalls(copy.id)).toMatchObject([
      {
        method: "copySale",
        actor: { kind: "system", name: "events" },
        fromEventId: original.id,
        event: { eventId: copy.id, version: 1, status: "draft", slug: copy.slug },
      },
    ]);
  });

  test("takes a title and times of its own, and lasts as long as the original where no end is given", async () => {
    const organizer = await newOrganizer();
    const original = await createDraft(organizer);
    const moved = await duplicate(organizer, original.id, {
      title: "Second Night",
      startsAt: { local: "2031-07-01T20:00" },
    });
    expect(moved).toMatchObject({
      title: "Second Night",
      slug: expect.stringMatching(/^second-night/),
      startsAt: { local: "2031-07-01T20:00:00" },
      endsAt: { local: "2031-07-01T23:00:00" },
    });
    const allDay = await createDraft(organizer, { allDay: true, startsAt: "2031-03-28", endsAt: "2031-03-29" });
    expect(await duplicate(organizer, allDay.id, { startsAt: "2031-03-29" })).toMatchObject({
      startsAt: { local: "2031-03-29T00:00:00" },
      endsAt: { local: "2031-03-31T00:00:00" },
    });
    const both = { startsAt: "2031-07-01T20:00:00Z", endsAt: "2031-07-01T21:00:00Z" };
    expect(await duplicate(organizer, original.id, both)).toMatchObject({
      endsAt: { utc: "2031-07-01T21:00:00.000Z" },
    });
    const open = await createDraft(organizer, { startsAt: null, endsAt: null });
    expect(await duplicate(organizer, open.id)).toMatchObject({ startsAt: null, endsAt: null });
  });

  test("has copies of the images, in their order and with their cover, that outlive the original's", async () => {
    const organizer = await newOrganizer();
    const original = await createDraft(organizer);
    const images = [await addImage(organizer, original.id, "png"), await addImage(organizer, original.id, "gif")];
    const copy = await duplicate(organizer, original.id);
    const copied = await imagesOf(organizer, copy.id);
    const facts = ({ sha256, contentType, cover, width }: MediaView) => ({ sha256, contentType, cover, width });
    expect(copied.map(facts)).toEqual((await imagesOf(organizer, original.id)).map(facts));
    expect(copy.cover?.mediaId).toBe(copied[0]?.id);
    expect(copied.map(({ id }) => id)).not.toEqual(expect.arrayContaining(images.map(({ id }) => id)));
    for (const { id } of images)
      await call("DELETE", `/v1/events/${original.id}/media/${id}`, { user: organizer.user });
    for (const { id } of copied) {
      const response = await call("GET", `/v1/media/${id}`, { user: organizer.user });
      expect([response.status, (await response.arrayBuffer()).byteLength]).toEqual([200, 1_000]);
    }
    const pending = await env.EVENTS_DB.prepare("SELECT count(*) AS rows FROM media_removals").first<number>("rows");
    expect(pending).toBe(0);
    const bare = await duplicate(organizer, copy.id, { copyMedia: false });
    expect([bare.cover, await imagesOf(organizer, bare.id)]).toEqual([null, []]);
  });

  test("is made once for an idempotency key", async () => {
    const organizer = await newOrganizer();
    const original = await createDraft(organizer);
    const send = (body: object) =>
      call("POST", `/v1/events/${original.id}/duplicate`, {
        user: organizer.user,
        body,
        headers: { "idempotency-key": "again" },
      });
    const [first, second] = [await send({ title: "Once" }), await send({ title: "Once" })];
    expect([first.status, second.status, second.headers.get("idempotent-replayed")]).toEqual([201, 201, "true"]);
    expect(await second.json()).toEqual(await first.json());
    expect((await problemOf(await send({ title: "Twice" }))).code).toBe("idempotency.mismatch");
    expect(await countEvents(organizer)).toBe(2);
  });

  test("is not made where its box office or its images cannot be, and leaves nothing", async () => {
    const organizer = await newOrganizer();
    const original = await createDraft(organizer);
    await addImage(organizer, original.id, "png");
    const { user } = organizer;
    const unlucky = [
      ownApp((deps) => ({
        bookings: {
          ...deps.bookings,
          copySale: async () => ({ ok: false, error: { code: "platform.unavailable", detail: "" } }),
        },
      })),
      ownApp((deps) => ({
        images: { ...deps.images, copy: () => Promise.reject(new Error("bucket down")) },
      })),
    ];
    for (const app of unlucky) {
      const response = await app.fetch("POST", `/v1/events/${original.id}/duplicate`, { user });
      expect([response.status, (await problemOf(response)).code]).toEqual([503, "platform.unavailable"]);
    }
    expect(await countEvents(organizer)).toBe(1);
    // The object that may have been written is known to the sweep.
    const { deps } = ownApp();
    const due = await deps.media.dueRemovals(Date.now() + dayMs, 10);
    expect(due).toHaveLength(1);
    await deps.media.endRemovals(due);
  });

  test("is refused with the path of what is wrong", async () => {
    const organizer = await newOrganizer();
    const original = await createDraft(organizer);
    for (const [body, path] of [
      [{ title: "" }, "title"],
      [{ startsAt: "tomorrow" }, "startsAt"],
      [{ startsAt: "2031-01-01" }, "startsAt"],
      [{ endsAt: "2020-01-01T00:00:00Z" }, "endsAt"],
      [{ copyMedia: "yes" }, "copyMedia"],
      [{ slug: "mine" }, "slug"],
      [{ organizationId: newId("organization", 1) }, "organizationId"],
    ] as const) {
      const response = await call("POST", `/v1/events/${original.id}/duplicate`, { user: organizer.user, body });
      expect([path, response.status]).toEqual([path, 422]);
      expect((await problemOf(response)).errors?.map((fault) => fault.path)).toContain(path);
    }
    expect(await countEvents(organizer)).toBe(1);
  });
});

describe("a history", () => {
  test("tells who did what, newest first, a page at a time", async () => {
    const organizer = await newOrganizer();
    const { user } = organizer;
    const event = await createPublished(organizer);
    await call("PATCH", `/v1/events/${event.id}`, { user, body: { title: "Else", tags: [], confirm: true } });
    await move(organizer, event, "postpone");
    const page = async (query: string) => {
      const response = await call("GET", `/v1/events/${event.id}/changes${query}`, { user });
      expect(response.headers.get("cache-control")).toBe("private, no-store");
      return response.json<{ data: { version: number; action: string }[]; nextCursor: string | null }>();
    };
    const all = await page("");
    expect(all).toMatchObject({
      data: [
        { version: 4, action: "postpone", actor: user.userId, about: [] },
        { version: 3, action: "update", actor: user.userId, about: ["title", "tags"] },
        { version: 2, action: "publish", actor: user.userId, about: [] },
        { version: 1, action: "create", actor: user.userId, about: [] },
      ],
      nextCursor: null,
    });
    const seen: unknown[] = [];
    let query = "?limit=3";
    for (let pages = 1; pages <= 2; pages += 1) {
      const { data, nextCursor } = await page(query);
      seen.push(...data);
      query = `?limit=3&cursor=${nextCursor}`;
      expect(nextCursor === null).toBe(pages === 2);
    }
    expect(seen).toEqual(all.data);
    for (const bad of ["?limit=0", "?limit=101", "?cursor=x", "?cursor=WyJ4Il0", "?status=draft"])
      expect((await call("GET", `/v1/events/${event.id}/changes${bad}`, { user })).status).toBe(422);
  });
});

describe.each([
  ["POST", "duplicate", "door"],
  ["GET", "changes", null],
] as const)("%s %s", (method, name, weakRole) => {
  test("is for members of the event's organization", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const path = `/v1/events/${event.id}/${name}`;
    expect((await call(method, path)).status).toBe(401);
    for (const [what, token] of Object.entries(await badTokens())) {
      const response = await call(method, path, { headers: { authorization: `Bearer ${token}` } });
      expect([what, response.status]).toEqual([what, 401]);
    }
    const other = await newOrganizer();
    for (const id of [event.id, newId("event", Date.now())]) {
      const foreign = await call(method, `/v1/events/${id}/${name}`, { user: other.user });
      expect([foreign.status, (await problemOf(foreign)).code]).toEqual([404, "events.not_found"]);
    }
    if (weakRole !== null) {
      const weak = await newMember(organizer.organizationId, weakRole);
      expect((await call(method, path, { user: weak })).status).toBe(403);
    }
    expect(await countEvents(organizer)).toBe(1);
  });
});
