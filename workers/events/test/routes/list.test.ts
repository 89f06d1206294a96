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
