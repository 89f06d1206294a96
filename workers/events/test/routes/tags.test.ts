import { env } from "cloudflare:workers";
import type { EventSummaryView } from "@foyer/contracts/events/api";
import type { TagView } from "@foyer/contracts/events/tags";
import { limits } from "@foyer/kernel/limits";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { settleEventTags } from "../../src/service/settle-tags.ts";
import { call, createDraft, createPublished, move, newOrganizer, problemOf } from "../helpers.ts";
import { outboxOf, ownApp } from "../own-app.ts";

const admin = () => newTestUser({ platformAdmin: true });
const fresh = (): string => `t${crypto.randomUUID().slice(0, 12)}`;
const systemCall = { actor: { kind: "system", name: "events" }, requestId: "test" } as const;
const pathOf = (tag: string): string => `/v1/tags/${encodeURIComponent(tag)}`;

async function tagOf(name: string): Promise<TagView | undefined> {
  const response = await call("GET", `/v1/tags?q=${encodeURIComponent(name)}`);
  expect(response.status).toBe(200);
  const { data }: { data: TagView[] } = await response.json();
  return data.find((tag) => tag.name === name);
}

async function idsWith(tag: string): Promise<string[]> {
  const response = await call("GET", `/v1/events?tag=${encodeURIComponent(tag)}`);
  expect(response.status).toBe(200);
  const { data }: { data: EventSummaryView[] } = await response.json();
  return data.map(({ id }) => id);
}

async function tagsOf(eventId: string): Promise<{ tags: string[]; version: number }> {
  const row = await env.EVENTS_DB.prepare("SELECT tags, version FROM events WHERE id = ?1")
    .bind(eventId)
    .first<{ tags: string; version: number }>();
  return { tags: JSON.parse(row?.tags ?? "null"), version: row?.version ?? 0 };
}

describe("what an event is tagged with", () => {
  test("is normalized, each once, and counted only while the event is listed", async () => {
    const organizer = await newOrganizer();
    const tag = fresh();
    const tags = [` #${tag.toUpperCase()} `, tag, `${tag}\u00a0 two`];
    const draft = await createDraft(organizer, { tags });
    expect(draft.tags).toEqual([tag, `${tag} two`]);
    expect(await tagOf(tag)).toBeUndefined();
    await move(organizer, draft, "publish");
    expect(await tagOf(tag)).toEqual({ name: tag, events: 1, curated: false, version: 1 });
    await createPublished(organizer, { tags: [tag] });
    await createPublished(organizer, { tags: [tag], visibility: "unlisted" });
    expect((await tagOf(tag))?.events).toBe(2);
    const { user } = organizer;
    expect((await call("PATCH", `/v1/events/${draft.id}`, { user, body: { tags: ["other"] } })).status).toBe(200);
    expect((await tagOf(tag))?.events).toBe(1);
    expect(await tagOf(`${tag} two`)).toBeUndefined();
  });

  test.each([
    ["nothing", [""], "tags.0"],
    ["a sign alone", ["ok", "#"], "tags.1"],
    ["a NUL", ["a\u0000"], "tags.0"],
    ["what is too long", ["x".repeat(limits.tagCharsMax + 1)], "tags.0"],
    ["a number", [1], "tags.0"],
  ])("cannot be %s", async (_what, tags, path) => {
    const { user, organizationId } = await newOrganizer();
    const response = await call("POST", "/v1/events", { user, body: { organizationId, title: "x", tags } });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors?.map((fault) => fault.path)).toContain(path);
  });

  test("is counted rightly after any sequence of changes", async () => {
    const names = ["p", "q", "r"].map((letter) => `${letter}-${fresh()}`);
    const eventOf = (index: number): string => `evt_${`${index}`.padStart(26, "0")}`;
    const tags = fc.subarray(names).map((some) => JSON.stringify(some));
    const which = fc.integer({ min: 1, max: 4 }).map(eventOf);
    const status = fc.constantFrom("draft", "published", "cancelled");
    const visibility = fc.constantFrom("public", "unlisted");
    type Step = readonly [sql: string, values: readonly (string | number)[]];
    const step: fc.Arbitrary<Step> = fc.oneof(
      fc.record({ which, tags, status, visibility }).map(
        (row): Step => [
          `INSERT OR IGNORE INTO events (id, organization_id, organization_name, slug, status, version, title, summary,
             description, timezone, tags, visibility, created_at_ms, updated_at_ms)
           VALUES (?1, 'org', 'x', ?1, ?2, 1, 'x', '', '', 'UTC', ?3, ?4, 1, 1)`,
          [row.which, row.status, row.tags, row.visibility],
        ],
      ),
      fc.tuple(which, tags).map((values): Step => ["UPDATE events SET tags = ?2 WHERE id = ?1", values]),
      fc.tuple(which, status).map((values): Step => ["UPDATE events SET status = ?2 WHERE id = ?1", values]),
      fc.tuple(which, visibility).map((values): Step => ["UPDATE events SET visibility = ?2 WHERE id = ?1", values]),
      fc
        .tuple(which, fc.integer({ min: 1, max: 9 }))
        .map((values): Step => ["UPDATE events SET starts_at_ms = ?2 WHERE id = ?1", values]),
      which.map((id): Step => ["DELETE FROM events WHERE id = ?1", [id]]),
    );
    const mine = JSON.stringify(names);
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
        await env.EVENTS_DB.batch(steps.map(([sql, values]) => env.EVENTS_DB.prepare(sql).bind(...values)));
        const counted = await env.EVENTS_DB.prepare(
          "SELECT name, events FROM tags WHERE name IN (SELECT value FROM json_each(?1)) ORDER BY name",
        )
          .bind(mine)
          .all();
        const recounted = await env.EVENTS_DB.prepare(
          `SELECT t.value AS name, count(*) AS events FROM events e, json_each(e.tags) t
           WHERE e.status = 'published' AND e.visibility = 'public' AND t.value IN (SELECT value FROM json_each(?1))
           GROUP BY 1 ORDER BY 1`,
        )
          .bind(mine)
          .all();
        expect(counted.results).toEqual(recounted.results);
        const rows = await env.EVENTS_DB.prepare(
          `SELECT t.event_id, t.tag, t.listed, t.starts_at_ms FROM event_tags t
           WHERE t.tag IN (SELECT value FROM json_each(?1)) ORDER BY 1, 2`,
        )
          .bind(mine)
          .all();
        const rederived = await env.EVENTS_DB.prepare(
          `SELECT e.id AS event_id, t.value AS tag, e.status = 'published' AND e.visibility = 'public' AS listed, e.starts_at_ms
           FROM events e, json_each(e.tags) t WHERE t.value IN (SELECT value FROM json_each(?1)) ORDER BY 1, 2`,
        )
          .bind(mine)
          .all();
        expect(rows.results).toEqual(rederived.results);
      }),
      { numRuns: 40 },
    );
  });
});

describe("the list of tags", () => {
  test("shows the most used first, of equals by name, page by page, and what begins as asked for", async () => {
    const prefix = fresh();
    const organizer = await newOrganizer();
    await createPublished(organizer, { tags: [`${prefix} b`, `${prefix} c`, `${prefix} a`] });
    await createPublished(organizer, { tags: [`${prefix} c`] });
    const seen: TagView[] = [];
    let cursor: string | null = null;
    do {
      const next: string = cursor === null ? "" : `&cursor=${cursor}`;
      const response = await call("GET", `/v1/tags?q=%23${prefix.toUpperCase()}&limit=1${next}`);
      expect(response.headers.get("cache-control")).toContain("s-maxage");
      const page: { data: TagView[]; nextCursor: string | null } = await response.json();
      seen.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(seen.map(({ name, events }) => [name, events])).toEqual([
      [`${prefix} c`, 2],
      [`${prefix} a`, 1],
      [`${prefix} b`, 1],
    ]);
  });

  test("without a beginning it has all of them, each once, in order", async () => {
    const organizer = await newOrganizer();
    const names = Array.from({ length: 5 }, fresh);
    await createPublished(organizer, { tags: names });
    await createPublished(organizer, { tags: names.slice(0, 2) });
    const seen: TagView[] = [];
    let cursor: string | null = null;
    do {
      const response = await call("GET", `/v1/tags?limit=2${cursor === null ? "" : `&cursor=${cursor}`}`);
      const page: { data: TagView[]; nextCursor: string | null } = await response.json();
      seen.push(...page.data);
      cursor = page.nextCursor;
    } while (cursor !== null);
    const found = seen.map(({ name }) => name);
    expect(new Set(found).size).toBe(found.length);
    expect(found).toEqual(expect.arrayContaining(names));
    const inOrder = [...seen].sort((a, b) => b.events - a.events || (a.name < b.name ? -1 : 1));
    expect(seen).toEqual(inOrder);
  });

  test.each(["q=", "q=%00", `q=${"x".repeat(41)}`, "limit=0", "limit=101", "cursor=zzz", "cursor=WyJhIl0", "sort=x"])(
    "the query %s is refused",
    async (query) => {
      const response = await call("GET", `/v1/tags?${query}`);
      expect(response.status).toBe(422);
      expect((await problemOf(response)).errors?.[0]?.path).toBe(`query.${query.split("=")[0]}`);
    },
  );
});

describe("what administrators do with tags", () => {
  test("one that is kept is there without events, and outlives them", async () => {
    const user = await admin();
    const name = fresh();
    const kept = await call("POST", "/v1/tags", { user, body: { name: `#${name}` } });
    expect(kept.status).toBe(201);
    expect(await kept.json()).toEqual({ name, events: 0, curated: true, version: 1 });
    const twice = await call("POST", "/v1/tags", { user, body: { name } });
    expect([twice.status, (await problemOf(twice)).code]).toEqual([409, "events.tag_taken"]);
    const organizer = await newOrganizer();
    const event = await createPublished(organizer, { tags: [name] });
    expect((await tagOf(name))?.events).toBe(1);
    await move(organizer, event, "unpublish");
    expect(await tagOf(name)).toEqual({ name, events: 0, curated: true, version: 1 });
  });

  test("the same request again, with its key, is the same answer", async () => {
    const user = await admin();
    const options = { user, body: { name: fresh() }, headers: { "idempotency-key": crypto.randomUUID() } };
    const first = await call("POST", "/v1/tags", options);
    const second = await call("POST", "/v1/tags", options);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(await second.json()).toEqual(await first.json());
  });

  test("a renamed tag is renamed on every event, listed or not, and others are told", async () => {
    const user = await admin();
    const organizer = await newOrganizer();
    const [before, after] = [fresh(), fresh()];
    const listed = await createPublished(organizer, { tags: ["first", before, "last"] });
    const both = await createPublished(organizer, { tags: [after, before] });
    const draft = await createDraft(organizer, { tags: [before] });
    const cancelled = await move(organizer, await createPublished(organizer, { tags: [before] }), "cancel");
    expect((await call("GET", `/v1/events/${listed.id}`)).status).toBe(200); // the page is at hand from now on
    const renamed = await call("PATCH", pathOf(before), { user, body: { name: after } });
    expect(renamed.status).toBe(200);
    expect(await renamed.json()).toMatchObject({ name: after, events: 2, curated: false });
    expect(await tagOf(before)).toBeUndefined();
    expect(await tagsOf(listed.id)).toEqual({ tags: ["first", after, "last"], version: listed.version + 1 });
    expect(await tagsOf(both.id)).toEqual({ tags: [after], version: both.version + 1 });
    expect(await tagsOf(draft.id)).toEqual({ tags: [after], version: draft.version + 1 });
    expect((await tagsOf(cancelled.id)).tags).toEqual([after]);
    const page = await call("GET", `/v1/events/${listed.id}`);
    expect(await page.json()).toMatchObject({ tags: ["first", after, "last"], version: listed.version + 1 });
    expect((await idsWith(before)).sort()).toEqual([listed.id, both.id].sort());
    const again = await call("PATCH", pathOf(before), { user, body: { name: after } });
    expect([again.status, await tagsOf(listed.id)]).toEqual([200, { tags: ["first", after, "last"], version: 3 }]);
    const late = await createDraft(organizer, { tags: [before, "x"] });
    expect(late.tags).toEqual([after, "x"]);
    const patched = await call("PATCH", `/v1/events/${late.id}`, { user: organizer.user, body: { tags: [before] } });
    expect(await patched.json()).toMatchObject({ tags: [after] });
  });

  test("search is told of a renamed tag once", async () => {
    const app = ownApp();
    const organizer = await newOrganizer();
    const [before, after] = [fresh(), fresh()];
    const event = await createPublished(organizer, { tags: [before] });
    const user = await admin();
    for (let count = 0; count < 2; count += 1)
      expect((await app.fetch("PATCH", pathOf(before), { user, body: { name: after } })).status).toBe(200);
    await settleEventTags(app.deps, systemCall);
    const told = (await outboxOf(event.id)).filter(({ version }) => version > event.version);
    expect(told.map(({ consumer, type, version }) => [consumer, type, version])).toEqual([
      ["search", "event.updated", event.version + 1],
      ["bookings", "event.updated", event.version + 1],
    ]);
    expect(told[0]?.envelope.payload).toMatchObject({ event: { tags: [after] } });
  });

  test("a tag that leads to one that is renamed in turn leads to the last, and a name may come back", async () => {
    const user = await admin();
    const organizer = await newOrganizer();
    const [one, two, three] = [fresh(), fresh(), fresh()];
    const event = await createPublished(organizer, { tags: [one] });
    expect((await call("PATCH", pathOf(one), { user, body: { name: two } })).status).toBe(200);
    expect((await call("PATCH", pathOf(two), { user, body: { name: three } })).status).toBe(200);
    expect((await createDraft(organizer, { tags: [one, two] })).tags).toEqual([three]);
    expect((await call("PATCH", pathOf(three), { user, body: { name: one } })).status).toBe(200);
    expect((await tagsOf(event.id)).tags).toEqual([one]);
    expect((await createDraft(organizer, { tags: [three, two, one] })).tags).toEqual([one]);
  });

  test("a tag that is taken out is gone from events, and comes back only when it is kept again", async () => {
    const user = await admin();
    const organizer = await newOrganizer();
    const name = `${fresh()} / ä`;
    const event = await createPublished(organizer, { tags: ["good", name] });
    expect((await call("DELETE", pathOf(name), { user })).status).toBe(204);
    expect(await tagsOf(event.id)).toEqual({ tags: ["good"], version: event.version + 1 });
    expect(await idsWith(name)).toEqual([]);
    const gone = await call("DELETE", pathOf(name), { user });
    expect([gone.status, (await problemOf(gone)).code]).toEqual([404, "events.tag_not_found"]);
    expect((await createDraft(organizer, { tags: [name] })).tags).toEqual([]);
    expect((await call("POST", "/v1/tags", { user, body: { name } })).status).toBe(201);
    expect((await createDraft(organizer, { tags: [name] })).tags).toEqual([name]);
  });

  test("more events than one run takes follow by and by, whatever is interrupted", async () => {
    const app = ownApp();
    const organizer = await newOrganizer();
    const [before, after] = [fresh(), fresh()];
    const model = await createPublished(organizer, { tags: [before] });
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
      tags: { ...deps.tags, unsettledEvents: () => Promise.reject(new Error("the database is down")) },
    }));
    const renamed = await failing.fetch("PATCH", pathOf(before), { user: await admin(), body: { name: after } });
    expect(renamed.status).toBe(200);
    expect((await tagOf(before))?.events).toBe(count);
    expect(await settleEventTags(app.deps, systemCall)).toBe(limits.eventsFollowingPerRunMax);
    expect((await tagOf(after))?.events).toBe(limits.eventsFollowingPerRunMax);
    const both = await Promise.all([
      settleEventTags(app.deps, systemCall),
      settleEventTags(app.deps, { ...systemCall, requestId: "other" }),
    ]);
    expect(Math.max(...both)).toBeLessThanOrEqual(5);
    expect(await tagOf(before)).toBeUndefined();
    expect((await tagOf(after))?.events).toBe(count);
    expect(await settleEventTags(app.deps, systemCall)).toBe(0);
    const history = await env.EVENTS_DB.prepare(
      "SELECT count(*) AS n FROM event_changes WHERE event_id = ?1 AND version > 2",
    )
      .bind(model.id)
      .first<{ n: number }>();
    expect(history?.n).toBe(1);
  });

  test("an event that was stored with an old name after all is looked at again", async () => {
    const app = ownApp();
    const organizer = await newOrganizer();
    const [before, after] = [fresh(), fresh()];
    await createPublished(organizer, { tags: [before] });
    expect((await call("PATCH", pathOf(before), { user: await admin(), body: { name: after } })).status).toBe(200);
    const late = await createDraft(organizer, { tags: ["x"] });
    await env.EVENTS_DB.prepare("UPDATE events SET tags = ?2 WHERE id = ?1")
      .bind(late.id, JSON.stringify([before]))
      .run();
    expect(await settleEventTags(app.deps, systemCall)).toBe(1);
    expect((await tagsOf(late.id)).tags).toEqual([after]);
  });

  test("a stale If-Match changes nothing", async () => {
    const user = await admin();
    const name = fresh();
    expect((await call("POST", "/v1/tags", { user, body: { name } })).headers.get("etag")).toBe('"1"');
    const headers = { "if-match": '"7"' };
    expect((await call("PATCH", pathOf(name), { user, headers, body: { name: fresh() } })).status).toBe(412);
    expect((await call("DELETE", pathOf(name), { user, headers })).status).toBe(412);
    expect(await tagOf(name)).toEqual({ name, events: 0, curated: true, version: 1 });
    const fitting = { "if-match": '"1"' };
    expect((await call("DELETE", pathOf(name), { user, headers: fitting })).status).toBe(204);
  });

  test("of two who rename a tag at once, one wins and no event is left between", async () => {
    const user = await admin();
    const organizer = await newOrganizer();
    const [name, left, right] = [fresh(), fresh(), fresh()];
    const event = await createPublished(organizer, { tags: [name] });
    const answers = await Promise.all(
      [left, right].map((target) => call("PATCH", pathOf(name), { user, body: { name: target } })),
    );
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    expect(answers.every(({ status }) => status === 200 || status === 404)).toBe(true);
    await settleEventTags(ownApp().deps, systemCall);
    const { tags } = await tagsOf(event.id);
    expect([left, right]).toContain(tags[0]);
    expect(tags).toHaveLength(1);
  });

  test("as many tags are kept or renamed as the limit, and no more", async () => {
    const user = await admin();
    const kept = await env.EVENTS_DB.prepare(
      "SELECT (SELECT count(*) FROM tags WHERE curated = 1) + (SELECT count(*) FROM tag_rules) AS n",
    ).first<{ n: number }>();
    const mark = `zz-${fresh()}`;
    await env.EVENTS_DB.prepare(
      `INSERT INTO tags (name, events, curated, version)
       WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?2) SELECT ?1 || i, 0, 1, 1 FROM n`,
    )
      .bind(mark, limits.tagRulesMax - (kept?.n ?? 0) - 1)
      .run();
    expect((await call("POST", "/v1/tags", { user, body: { name: fresh() } })).status).toBe(201);
    const refused = await call("POST", "/v1/tags", { user, body: { name: fresh() } });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([409, "events.too_many_tags"]);
    const used = fresh();
    const event = await createPublished(await newOrganizer(), { tags: [used] });
    for (const [method, body] of [
      ["PATCH", { name: fresh() }],
      ["DELETE", undefined],
    ] as const) {
      const full = await call(method, pathOf(used), { user, ...(body === undefined ? {} : { body }) });
      expect([full.status, (await problemOf(full)).code]).toEqual([409, "events.too_many_tags"]);
    }
    expect((await tagsOf(event.id)).tags).toEqual([used]);
    await env.EVENTS_DB.prepare("DELETE FROM tags WHERE name >= ?1 AND name < ?1 || 'a'").bind(mark).run();
  });

  test.each([
    ["POST", "/v1/tags", {}, "name"],
    ["POST", "/v1/tags", { name: " # " }, "name"],
    ["POST", "/v1/tags", { name: "x".repeat(41) }, "name"],
    ["POST", "/v1/tags", { name: "ok", events: 7 }, "events"],
    ["PATCH", "/v1/tags/some", { name: "a\u0000" }, "name"],
  ])("%s %s with %j is refused by name", async (method, path, body, field) => {
    const response = await call(method, path, { user: await admin(), body });
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors?.map((fault) => fault.path)).toContain(field);
  });

  test.each(["%23", "%20", "a%00", "%ED%A0%80", "x".repeat(41)])("the path /v1/tags/%s leads nowhere", async (tag) => {
    const user = await admin();
    expect((await call("PATCH", `/v1/tags/${tag}`, { user, body: { name: "ok" } })).status).toBe(404);
    expect((await call("DELETE", `/v1/tags/${tag}`, { user })).status).toBe(404);
  });

  test("nobody else does any of it", async () => {
    const owner = (await newOrganizer()).user;
    const attempts = [
      ["POST", "/v1/tags", { name: fresh() }],
      ["PATCH", "/v1/tags/jazz", { name: fresh() }],
      ["DELETE", "/v1/tags/jazz", undefined],
    ] as const;
    for (const [method, path, body] of attempts) {
      const options = body === undefined ? {} : { body };
      expect((await call(method, path, options)).status).toBe(401);
      expect((await call(method, path, { ...options, user: owner })).status).toBe(403);
      for (const [what, token] of Object.entries(await badTokens())) {
        const response = await call(method, path, { ...options, headers: { authorization: `Bearer ${token}` } });
        expect([what, response.status]).toEqual([what, 401]);
      }
    }
    const unknown = await call("PATCH", pathOf(fresh()), { user: await admin(), body: { name: "x" } });
    expect([unknown.status, (await problemOf(unknown)).code]).toEqual([404, "events.tag_not_found"]);
  });
});
