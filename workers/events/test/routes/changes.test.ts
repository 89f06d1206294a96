import { env } from "cloudflare:workers";
import type { EventView } from "@foyer/contracts/events/api";
import { newId } from "@foyer/kernel/ids";
import { badTokens } from "@foyer/testing/tokens";
import { describe, expect, test, vi } from "vitest";
import {
  call,
  createDraft,
  createPublished,
  freshTitle,
  move,
  newMember,
  newOrganizer,
  problemOf,
} from "../helpers.ts";
import { outboxOf, ownApp } from "../own-app.ts";

describe("changing", () => {
  test("only what is named changes, and the version grows", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const response = await call("PATCH", `/v1/events/${event.slug}`, {
      user: organizer.user,
      body: { title: "Autumn Night", categoryId: "cat_00000000000000000000000012" },
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("etag")).toBe('"2"');
    const changed: EventView = await response.json();
    expect(changed).toEqual({
      ...event,
      title: "Autumn Night",
      categoryId: "cat_00000000000000000000000012",
      version: 2,
      updatedAt: changed.updatedAt,
    });
    expect(await (await call("GET", `/v1/events/${event.id}`, { user: organizer.user })).json()).toEqual(changed);
  });

  test("null takes a field of a draft away; nothing named changes nothing", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const emptied = await call("PATCH", `/v1/events/${event.id}`, {
      user: organizer.user,
      body: { startsAt: null, endsAt: null, location: null },
    });
    expect(await emptied.json()).toMatchObject({ startsAt: null, endsAt: null, location: null, version: 2 });
    const same = await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: {} });
    expect(await same.json()).toMatchObject({ version: 2 });
  });

  test("a published event keeps what publishing asked for, and the whole list is told", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const response = await call("PATCH", `/v1/events/${event.id}`, {
      user: organizer.user,
      body: { startsAt: null, location: null },
    });
    expect(response.status).toBe(409);
    expect((await problemOf(response)).missing).toEqual([
      { code: "events.start_required", path: "startsAt" },
      { code: "events.location_required", path: "location" },
    ]);
  });

  test("times are checked against what stays", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer, { startsAt: "2031-01-02T00:00:00Z", endsAt: "2031-01-03T00:00:00Z" });
    const response = await call("PATCH", `/v1/events/${event.id}`, {
      user: organizer.user,
      body: { endsAt: "2031-01-01T00:00:00Z" },
    });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors).toMatchObject([{ path: "endsAt", code: "events.end_before_start" }]);
  });

  test("a cancelled or archived event stays as it is", async () => {
    const organizer = await newOrganizer();
    const cancelled = await move(organizer, await createPublished(organizer), "cancel");
    const archived = await move(organizer, await createDraft(organizer), "archive");
    for (const event of [cancelled, archived]) {
      const response = await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "x" } });
      expect([response.status, (await problemOf(response)).code]).toEqual([409, "events.not_editable"]);
    }
  });

  test.each([
    ["the owner", { organizationId: newId("organization", 1) }, "organizationId"],
    ["the status", { status: "published" }, "status"],
    ["the version", { version: 9 }, "version"],
    ["a prototype", JSON.parse('{"__proto__":{"status":"published"}}'), "__proto__"],
    ["a NUL", { description: "a\u0000" }, "description"],
    ["no title", { title: null }, "title"],
  ])("%s cannot be set", async (_what, body, path) => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const response = await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors?.map((fault) => fault.path)).toContain(path);
  });

  test("a stale If-Match is refused, a current one is served", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const patch = (title: string, tag: string) =>
      call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { title }, headers: { "if-match": tag } });
    expect((await patch("One", '"1"')).status).toBe(200);
    const stale = await patch("Two", '"1"');
    expect([stale.status, (await problemOf(stale)).code]).toEqual([412, "request.precondition_failed"]);
    expect((await patch("Three", '"7", "2"')).status).toBe(200);
    expect((await patch("Four", "*")).status).toBe(200);
  });

  test("of two changes at once with one If-Match exactly one wins, every time", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    for (let version = 1; version <= 10; version += 1) {
      const answers = await Promise.all(
        ["left", "right"].map((title) =>
          call("PATCH", `/v1/events/${event.id}`, {
            user: organizer.user,
            body: { title },
            headers: { "if-match": `"${version}"` },
          }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
    }
  });

  test("a change that came second by a hair writes nothing, its messages included", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    const app = ownApp();
    const read = await app.deps.events.find(event.id);
    if (read === null) throw new Error("the event is there");
    await app.fetch("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "First" } });
    const before = await outboxOf(event.id);
    const late = await app.deps.events.save(
      { ...read, title: "Second", version: read.version + 1 },
      { action: "update", actor: "test", atMs: 1 },
      before.map(({ envelope }) => ({ message: { ...envelope, id: newId("message", Date.now()) } })),
    );
    expect(late).toBe("overtaken");
    expect(await outboxOf(event.id)).toEqual(before);
    expect((await app.deps.events.find(event.id))?.title).toBe("First");
  });

  test("without If-Match all of several changes at once are served", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const bodies = [{ title: "New" }, { description: "New" }, { tags: ["new"] }];
    const answers = await Promise.all(
      bodies.map((body) => call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(await (await call("GET", `/v1/events/${event.id}`, { user: organizer.user })).json()).toMatchObject({
      title: "New",
      description: "New",
      tags: ["new"],
      version: 4,
    });
  });

  test("an edit is seen at once by its editor, and by everyone within the cache's time", async () => {
    const organizer = await newOrganizer();
    const written = freshTitle();
    const event = await createPublished(organizer, { title: written });
    const title = async (user?: typeof organizer.user): Promise<string> => {
      const response = await call("GET", `/v1/events/${event.slug}`, user === undefined ? {} : { user });
      const seen: EventView = await response.json();
      return seen.title;
    };
    expect(await title()).toBe(written);
    // Written behind this isolate's back, as another isolate would: only time can tell it.
    await env.EVENTS_DB.prepare("UPDATE events SET title = 'Elsewhere' WHERE id = ?1").bind(event.id).run();
    expect(await title()).toBe(written);
    expect(await title(organizer.user)).toBe("Elsewhere");
    const sinceMs = Date.now();
    await vi.waitFor(async () => expect(await title()).toBe("Elsewhere"), { timeout: 3_000, interval: 50 });
    expect(Date.now() - sinceMs).toBeLessThan(1_500);

    await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "Here" } });
    expect(await title(organizer.user)).toBe("Here");
    expect(await title()).toBe("Here");
  });

  test("strangers, weak roles and bad tokens change nothing", async () => {
    const organizer = await newOrganizer();
    const draft = await createDraft(organizer);
    const published = await createPublished(organizer);
    const other = await newOrganizer();
    const door = await newMember(organizer.organizationId, "door");
    for (const event of [draft, published]) {
      for (const [method, body] of [
        ["PATCH", { title: "Mine" }],
        ["DELETE", undefined],
      ] as const) {
        const path = `/v1/events/${event.id}`;
        const options = body === undefined ? {} : { body };
        expect((await call(method, path, options)).status).toBe(401);
        for (const [what, token] of Object.entries(await badTokens())) {
          const response = await call(method, path, { ...options, headers: { authorization: `Bearer ${token}` } });
          expect([what, response.status]).toEqual([what, 401]);
        }
        const foreign = await call(method, path, { ...options, user: other.user });
        expect([foreign.status, (await problemOf(foreign)).code]).toEqual([404, "events.not_found"]);
        expect((await call(method, path, { ...options, user: door })).status).toBe(403);
      }
      const now = await call("GET", `/v1/events/${event.id}`, { user: organizer.user });
      expect(await now.json()).toMatchObject({ title: "Summer Night", version: event.version });
    }
  });
});

describe("deleting", () => {
  test("a draft that was never public vanishes, and its slug is free again", async () => {
    const organizer = await newOrganizer();
    const app = ownApp();
    const event = await createDraft(organizer, { title: `Gone ${crypto.randomUUID()}` });
    expect((await app.fetch("DELETE", `/v1/events/${event.id}`, { user: organizer.user })).status).toBe(204);
    expect((await call("GET", `/v1/events/${event.id}`, { user: organizer.user })).status).toBe(404);
    expect((await app.fetch("DELETE", `/v1/events/${event.id}`, { user: organizer.user })).status).toBe(404);
    const told = await outboxOf(event.id);
    expect(told.map(({ consumer, type, version }) => [consumer, type, version])).toEqual([
      ["search", "event.deleted", 2],
      ["bookings", "event.deleted", 2],
    ]);
    expect((await createDraft(organizer, { title: event.title })).slug).toBe(event.slug);
  });

  test("what was ever public stays", async () => {
    const organizer = await newOrganizer();
    const published = await createPublished(organizer);
    const back = await move(organizer, await createPublished(organizer), "unpublish");
    const cancelled = await move(organizer, await createDraft(organizer), "cancel");
    for (const event of [published, back, cancelled]) {
      const response = await call("DELETE", `/v1/events/${event.id}`, { user: organizer.user });
      expect([response.status, (await problemOf(response)).code]).toEqual([409, "events.not_deletable"]);
    }
  });

  test("a stale If-Match is refused", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const headers = { "if-match": '"9"' };
    expect((await call("DELETE", `/v1/events/${event.id}`, { user: organizer.user, headers })).status).toBe(412);
  });

  test("a publication that comes second to a deletion tells nobody", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const app = ownApp();
    const read = await app.deps.events.find(event.id);
    if (read === null) throw new Error("the event is there");
    await app.fetch("DELETE", `/v1/events/${event.id}`, { user: organizer.user });
    const [deleted] = await outboxOf(event.id);
    if (deleted === undefined) throw new Error("the deletion is told");
    const late = await app.deps.events.save(
      { ...read, status: "published", version: 3 },
      { action: "publish", actor: "test", atMs: 1 },
      [{ message: { ...deleted.envelope, id: newId("message", Date.now()) } }],
    );
    expect(late).toBe("overtaken");
    expect(await outboxOf(event.id)).toHaveLength(2);
  });
});
