import { env } from "cloudflare:workers";
import type { EventSummaryView } from "@foyer/contracts/events/api";
import { newId } from "@foyer/kernel/ids";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { call, createDraft, createPublished, dayMs, move, newMember, newOrganizer, problemOf } from "../helpers.ts";
import { ownApp } from "../own-app.ts";

interface Page {
  readonly data: EventSummaryView[];
  readonly nextCursor: string | null;
}

async function pageOf(query: string, options: Parameters<typeof call>[2] = {}): Promise<Page> {
  const response = await call("GET", `/v1/events?${query}`, options);
  expect(response.status).toBe(200);
  return response.json();
}

const at = (days: number): string => new Date(Date.now() + days * dayMs).toISOString();

/** Published events like the given one, with these starts; written to the database, since hundreds by HTTP take long. */
async function copiesOf(eventId: string, startsAtMs: readonly number[]): Promise<string[]> {
  const columns = `organization_id, organization_name, status, version, title, summary, description, ends_at_ms, timezone,
    location, category_id, tags, visibility, created_at_ms, updated_at_ms, published_at_ms`;
  const copies = startsAtMs.map((startMs) => ({ id: newId("event", Date.now()), startMs }));
  await env.EVENTS_DB.batch(
    copies.map(({ id, startMs }) =>
      env.EVENTS_DB.prepare(
        `INSERT INTO events (id, slug, starts_at_ms, ${columns}) SELECT ?2, lower(?2), ?3, ${columns} FROM events WHERE id = ?1`,
      ).bind(eventId, id, startMs),
    ),
  );
  return copies.map(({ id }) => id);
}

describe("for everyone", () => {
  test("published public events come by their start; drafts, unlisted, ended and withdrawn ones do not", async () => {
    const organizer = await newOrganizer();
    const later = await createPublished(organizer, { startsAt: at(20), endsAt: at(21) });
    const sooner = await createPublished(organizer, { startsAt: at(10), endsAt: at(11) });
    await createDraft(organizer);
    await createPublished(organizer, { visibility: "unlisted" });
    await move(organizer, await createPublished(organizer), "cancel");
    await move(organizer, await createPublished(organizer), "unpublish");
    const { data, nextCursor } = await pageOf(`organizationId=${organizer.organizationId}`);
    expect(data.map(({ id }) => id)).toEqual([sooner.id, later.id]);
    expect(nextCursor).toBeNull();
    expect(data[0]).not.toHaveProperty("description");

    const app = ownApp((deps) => ({ clock: { nowMs: () => deps.clock.nowMs() + 15 * dayMs } }));
    const response = await app.fetch("GET", `/v1/events?organizationId=${organizer.organizationId}`);
    const afterwards: Page = await response.json();
    expect(afterwards.data.map(({ id }) => id)).toEqual([later.id]);
  });

  test("the list may be kept for a second by shared caches, and hides where to join", async () => {
    const organizer = await newOrganizer();
    await createPublished(organizer, { location: { kind: "online", url: "https://meet.example/room" } });
    const response = await call("GET", `/v1/events?organizationId=${organizer.organizationId}`);
    expect(response.headers.get("cache-control")).toBe("public, max-age=0, s-maxage=1");
    const text = await response.text();
    expect(text).toContain('"kind":"online"');
    expect(text).not.toContain("meet.example");
    const stranger = await call("GET", `/v1/events?organizationId=${organizer.organizationId}`, {
      user: await newTestUser(),
    });
    expect(stranger.headers.get("cache-control")).toBe("private, no-store");
    expect(await stranger.text()).not.toContain("meet.example");
  });

  test("category and time narrow the list; a start is taken in, an end is not", async () => {
    const organizer = await newOrganizer();
    const categoryId = "cat_00000000000000000000000012";
    const start = "2032-05-01T10:00:00.000Z";
    const music = await createPublished(organizer, { startsAt: start, endsAt: "2032-05-01T12:00:00Z", categoryId });
    const other = await createPublished(organizer, {
      startsAt: "2032-05-02T10:00:00Z",
      endsAt: "2032-05-02T12:00:00Z",
    });
    const mine = `organizationId=${organizer.organizationId}`;
    const ids = async (query: string) => (await pageOf(`${mine}&${query}`)).data.map(({ id }) => id);
    expect(await ids(`categoryId=${categoryId}`)).toEqual([music.id]);
    expect(await ids(`from=${start}`)).toEqual([music.id, other.id]);
    expect(await ids("from=2032-05-01T10:00:00.001Z")).toEqual([other.id]);
    expect(await ids("to=2032-05-02T10:00:00Z")).toEqual([music.id]);
    expect(await ids(`from=${start}&to=${start}`)).toEqual([]);
  });

  test("all of 250 events are found page by page, without gap or repeat, while others are being added", async () => {
    const organizer = await newOrganizer();
    const model = await createPublished(organizer, {
      startsAt: "2033-01-01T00:00:00Z",
      endsAt: "2033-12-01T00:00:00Z",
    });
    const starts = Array.from({ length: 249 }, (_, index) => Date.UTC(2033, 1, 1 + ((index * 7) % 60))); // many share a start
    const expected = new Set([model.id, ...(await copiesOf(model.id, starts))]);
    const seen: EventSummaryView[] = [];
    let cursor: string | null = null;
    do {
      const page: Page = await pageOf(
        `organizationId=${organizer.organizationId}&limit=30${cursor === null ? "" : `&cursor=${cursor}`}`,
      );
      seen.push(...page.data);
      cursor = page.nextCursor;
      await copiesOf(model.id, [Date.UTC(2033, 0, 2), Date.UTC(2033, 1, 20), Date.UTC(2033, 2, 30)]);
    } while (cursor !== null);
    const ids = seen.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => expected.has(id))).toHaveLength(250);
    const order = seen.map(({ startsAt }) => startsAt?.utc ?? "");
    expect(order).toEqual([...order].sort());
  });

  test("of 10 000 events those that stay are found exactly once each, while others come, go and change", async () => {
    const organizer = await newOrganizer();
    const model = await createPublished(organizer, {
      startsAt: "2035-01-01T00:00:00Z",
      endsAt: "2035-12-01T00:00:00Z",
    });
    const anyStart = (index: number) => Date.UTC(2035, 1, 1 + ((index * 7) % 200), index % 5);
    const starts = Array.from({ length: 9_999 }, (_, index) => anyStart(index)); // seven and more share a start
    const ids = [model.id, ...(await copiesOf(model.id, starts))];
    const leaving = ids.filter((_id, index) => index % 20 === 1);
    const moving = ids.filter((_id, index) => index % 20 === 2);
    const staying = new Set(ids.filter((_id, index) => index % 20 !== 1 && index % 20 !== 2));
    const edited = [...staying];
    const seen: string[] = [];
    let cursor: string | null = null;
    for (let turn = 0; ; turn += 1) {
      const page: Page = await pageOf(
        `organizationId=${organizer.organizationId}&limit=100${cursor === null ? "" : `&cursor=${cursor}`}`,
      );
      seen.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
      if (cursor === null) break;
      const some = (from: readonly string[]) => JSON.stringify(from.slice(turn * 5, turn * 5 + 5));
      const chosen = "id IN (SELECT value FROM json_each(?1))";
      await env.EVENTS_DB.batch([
        env.EVENTS_DB.prepare(`DELETE FROM events WHERE ${chosen}`).bind(some(leaving)),
        env.EVENTS_DB.prepare(`UPDATE events SET starts_at_ms = ?2 WHERE ${chosen}`).bind(some(moving), anyStart(turn)),
        env.EVENTS_DB.prepare(`UPDATE events SET title = 'Edited', version = version + 1 WHERE ${chosen}`).bind(
          some(edited),
        ),
      ]);
      await copiesOf(model.id, [anyStart(turn * 3), anyStart(turn * 3 + 1), anyStart(9_998 - turn)]);
    }
    const stayed = seen.filter((id) => staying.has(id));
    expect(stayed).toHaveLength(staying.size);
    expect(new Set(stayed).size).toBe(staying.size);
  }, 120_000);

  test("place, series, and whether one can take part from elsewhere narrow the list, one by one and together", async () => {
    const organizer = await newOrganizer();
    const [venueId, seriesId] = [newId("venue", Date.now()), newId("series", Date.now())];
    const location = { kind: "venue", name: "Hall", address: "1 Road", city: "Oslo", country: "NO" };
    const oslo = await createPublished(organizer, { location, startsAt: at(10), endsAt: at(11) });
    const hybrid = await createPublished(organizer, {
      location: { ...location, kind: "hybrid" },
      startsAt: at(12),
      endsAt: at(13),
    });
    const online = await createPublished(organizer, { location: { kind: "online" }, startsAt: at(14), endsAt: at(15) });
    const place = env.EVENTS_DB.prepare("UPDATE events SET venue_id = ?2 WHERE id = ?1");
    const part = env.EVENTS_DB.prepare("UPDATE events SET series_id = ?2, recurrence_id = id WHERE id = ?1");
    await env.EVENTS_DB.batch([
      place.bind(oslo.id, venueId),
      place.bind(hybrid.id, venueId),
      part.bind(hybrid.id, seriesId),
      part.bind(online.id, seriesId),
    ]);
    const ids = async (query: string, options = {}) => (await pageOf(query, options)).data.map(({ id }) => id);
    for (const [query, expected] of [
      [`venueId=${venueId}`, [oslo.id, hybrid.id]],
      [`seriesId=${seriesId}`, [hybrid.id, online.id]],
      [`venueId=${venueId}&seriesId=${seriesId}`, [hybrid.id]],
      [`venueId=${venueId}&online=false`, [oslo.id]],
      [`seriesId=${seriesId}&city=OSLO`, [hybrid.id]],
      [`venueId=${venueId}&city=Bergen`, []],
      [`organizationId=${organizer.organizationId}&online=true`, [hybrid.id, online.id]],
      [`organizationId=${organizer.organizationId}&city=oslo`, [oslo.id, hybrid.id]],
      [`venueId=${newId("venue", 1)}`, []],
    ] as const) {
      expect([query, await ids(query)]).toEqual([query, expected]);
      const asMember = `${query}&order=start${query.includes("organizationId") ? "" : `&organizationId=${organizer.organizationId}`}`;
      expect([asMember, await ids(asMember, { user: organizer.user })]).toEqual([asMember, expected]);
    }
  });

  test.each([
    ["limit=0", "query.limit"],
    ["limit=101", "query.limit"],
    ["limit=x", "query.limit"],
    ["cursor=zzz", "query.cursor"],
    ["cursor=WyJhIl0", "query.cursor"],
    ["cursor=%00", "query.cursor"],
    ["from=yesterday", "query.from"],
    ["organizationId=1", "query.organizationId"],
    ["categoryId=music", "query.categoryId"],
    ["status=secret", "query.status"],
    ["status=draft", "query.organizationId"],
    ["visibility=private", "query.organizationId"],
    ["order=start", "query.organizationId"],
    ["updatedSince=2030-01-01T00:00:00Z", "query.organizationId"],
    ["order=title", "query.order"],
    ["updatedSince=lately", "query.updatedSince"],
    ["visibility=secret", "query.visibility"],
    ["online=1", "query.online"],
    ["venueId=hall", "query.venueId"],
    ["seriesId=1", "query.seriesId"],
    ["city=", "query.city"],
    [`city=${"a".repeat(121)}`, "query.city"],
    ["q=1", "query.q"],
  ])("the query %s is refused by name", async (query, path) => {
    const response = await call("GET", `/v1/events?${query}`);
    expect(response.status).toBe(422);
    expect((await problemOf(response)).errors?.map((fault) => fault.path)).toContain(path);
  });
});

describe("for members", () => {
  test("all of the organization's events come newest first, and status narrows them", async () => {
    const organizer = await newOrganizer();
    const draft = await createDraft(organizer);
    const published = await createPublished(organizer);
    const unlisted = await createPublished(organizer, { visibility: "unlisted" });
    const cancelled = await move(organizer, await createPublished(organizer), "cancel");
    const mine = `organizationId=${organizer.organizationId}`;
    const { user } = organizer;
    const all = await pageOf(mine, { user });
    expect(all.data.map(({ id }) => id)).toEqual([cancelled.id, unlisted.id, published.id, draft.id]);
    const ids = async (status: string) => (await pageOf(`${mine}&status=${status}`, { user })).data.map(({ id }) => id);
    expect(await ids("draft")).toEqual([draft.id]);
    expect(await ids("published")).toEqual([unlisted.id, published.id]);
    expect(await ids("archived")).toEqual([]);
    const first = await pageOf(`${mine}&limit=3`, { user });
    const second = await pageOf(`${mine}&limit=3&cursor=${first.nextCursor}`, { user });
    expect(second.data.map(({ id }) => id)).toEqual([draft.id]);
    expect(second.nextCursor).toBeNull();
  });

  test("come by start, what has none last, page by page", async () => {
    const organizer = await newOrganizer();
    const undated = [
      await createDraft(organizer, { startsAt: null, endsAt: null }),
      await createDraft(organizer, { startsAt: null, endsAt: null }),
    ];
    const later = await createDraft(organizer, { startsAt: at(20), endsAt: at(21) });
    const sooner = await createPublished(organizer, { startsAt: at(10), endsAt: at(11) });
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const query: string = `organizationId=${organizer.organizationId}&order=start&limit=1${cursor === null ? "" : `&cursor=${cursor}`}`;
      const page: Page = await pageOf(query, { user: organizer.user });
      ids.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(ids).toEqual([sooner.id, later.id, ...undated.map(({ id }) => id)]);
    const within = await pageOf(`organizationId=${organizer.organizationId}&order=start&from=${at(15)}`, {
      user: organizer.user,
    });
    expect(within.data.map(({ id }) => id)).toEqual([later.id]);
    const open = await pageOf(`organizationId=${organizer.organizationId}&visibility=unlisted`, {
      user: organizer.user,
    });
    expect(open.data).toEqual([]);
  });

  test("who keep a copy read what has changed since, in order of change, and what changes meanwhile comes again", async () => {
    const organizer = await newOrganizer();
    const [first, second, third] = [
      await createDraft(organizer),
      await createDraft(organizer),
      await createDraft(organizer),
    ];
    const changedAt = (id: string, atMs: number) =>
      env.EVENTS_DB.prepare("UPDATE events SET updated_at_ms = ?2 WHERE id = ?1").bind(id, atMs).run();
    const since = Date.UTC(2031, 0, 1);
    await changedAt(first.id, since + 2_000);
    await changedAt(second.id, since - 1);
    await changedAt(third.id, since);
    const query = `organizationId=${organizer.organizationId}&updatedSince=2031-01-01T00:00:00Z&limit=1`;
    const { user } = organizer;
    const page = await pageOf(query, { user });
    expect(page.data.map(({ id }) => id)).toEqual([third.id]);
    await changedAt(third.id, since + 3_000);
    const next = await pageOf(`${query}&cursor=${page.nextCursor}`, { user });
    expect(next.data.map(({ id }) => id)).toEqual([first.id]);
    const last = await pageOf(`${query}&cursor=${next.nextCursor}`, { user });
    expect([last.data.map(({ id }) => id), last.nextCursor]).toEqual([[third.id], null]);
    const newest = await pageOf(`${query}&order=created&limit=9`.replace("&limit=1", ""), { user });
    expect(newest.data.map(({ id }) => id)).toEqual([third.id, first.id]);
  });

  test("a cursor of one order is none of another", async () => {
    const organizer = await newOrganizer();
    await createDraft(organizer);
    await createDraft(organizer);
    const mine = `organizationId=${organizer.organizationId}&limit=1`;
    const { user } = organizer;
    for (const [order, other] of [
      ["start", "updated"],
      ["updated", "created"],
      ["created", "start"],
    ]) {
      const { nextCursor } = await pageOf(`${mine}&order=${order}`, { user });
      const response = await call("GET", `/v1/events?${mine}&order=${other}&cursor=${nextCursor}`, { user });
      expect([order, response.status]).toEqual([order, 422]);
    }
  });

  test("asking for a status is theirs alone", async () => {
    const organizer = await newOrganizer();
    await createDraft(organizer);
    const path = `/v1/events?organizationId=${organizer.organizationId}&status=draft`;
    expect((await call("GET", path)).status).toBe(401);
    for (const [what, token] of Object.entries(await badTokens())) {
      const response = await call("GET", path, { headers: { authorization: `Bearer ${token}` } });
      expect([what, response.status]).toEqual([what, 401]);
    }
    const stranger = await call("GET", path, { user: (await newOrganizer()).user });
    expect([stranger.status, (await problemOf(stranger)).code]).toEqual([404, "events.organization_not_found"]);
    expect((await call("GET", path, { user: await newMember(organizer.organizationId, "door") })).status).toBe(200);
    const absent = `/v1/events?organizationId=${newId("organization", 1)}&status=draft`;
    expect((await call("GET", absent, { user: organizer.user })).status).toBe(404);
  });

  test("a stranger who names an organization sees its public list", async () => {
    const organizer = await newOrganizer();
    await createDraft(organizer);
    const published = await createPublished(organizer);
    const { data } = await pageOf(`organizationId=${organizer.organizationId}`, { user: await newTestUser() });
    expect(data.map(({ id }) => id)).toEqual([published.id]);
  });
});
