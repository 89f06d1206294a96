import { env } from "cloudflare:workers";
import type { EventSummaryView } from "@foyer/contracts/events/api";
import type { CategoryView } from "@foyer/contracts/events/categories";
import { type Id, newId } from "@foyer/kernel/ids";
import { newTestUser } from "@foyer/testing/tokens";
import { beforeAll, describe, expect, test } from "vitest";
import { type LabelPage, type Labels, labelledList } from "../../src/repository/label-queries.ts";
import { call, createDraft, createPublished, move, newOrganizer } from "../helpers.ts";

const tagOf = (): string => `t${crypto.randomUUID().slice(0, 12)}`;

async function categoryUnder(parentId: string | null): Promise<CategoryView> {
  const user = await newTestUser({ platformAdmin: true });
  const body = { name: "x", slug: `x-${crypto.randomUUID().slice(0, 8)}`, parentId };
  const response = await call("POST", "/v1/categories", { user, body });
  expect(response.status).toBe(201);
  return response.json();
}

async function idsOf(query: string, headers: Record<string, string> = {}): Promise<string[]> {
  const found: EventSummaryView[] = [];
  let cursor: string | null = null;
  do {
    const more: string = cursor === null ? "" : `&cursor=${cursor}`;
    const response = await call("GET", `/v1/events?limit=2&${query}${more}`, { headers });
    expect(response.status).toBe(200);
    const page: { data: EventSummaryView[]; nextCursor: string | null } = await response.json();
    found.push(...page.data);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return found.map(({ id }) => id);
}

const on = (day: number) => ({
  startsAt: `2034-03-${`${day}`.padStart(2, "0")}T10:00:00Z`,
  endsAt: `2034-03-${`${day}`.padStart(2, "0")}T12:00:00Z`,
});

describe("a list by category and tag", () => {
  test("takes in what is below the category, in the order of starts, and is narrowed by a tag", async () => {
    const organizer = await newOrganizer();
    const top = await categoryUnder(null);
    const left = await categoryUnder(top.id);
    const right = await categoryUnder(top.id);
    const deep = await categoryUnder(right.id);
    const tag = tagOf();
    const fourth = await createPublished(organizer, { ...on(4), categoryId: top.id, tags: [tag] });
    const second = await createPublished(organizer, { ...on(2), categoryId: deep.id, tags: [tag] });
    const third = await createPublished(organizer, { ...on(3), categoryId: left.id });
    const first = await createPublished(organizer, { ...on(1), categoryId: deep.id });
    const fifth = await createPublished(organizer, { ...on(5), categoryId: right.id });
    const loose = await createPublished(organizer, { ...on(3), tags: [tag] });
    const hidden = { ...on(3), categoryId: deep.id, tags: [tag] };
    await createDraft(organizer, hidden);
    await createPublished(organizer, { ...hidden, visibility: "unlisted" });
    await move(organizer, await createPublished(organizer, hidden), "cancel");

    const all = [first, second, third, fourth, fifth].map(({ id }) => id);
    const mine = `organizationId=${organizer.organizationId}`;
    for (const scope of ["", `&${mine}`]) {
      expect(await idsOf(`categoryId=${top.id}${scope}`)).toEqual(all);
      expect(await idsOf(`categoryId=${right.id}${scope}`)).toEqual([first.id, second.id, fifth.id]);
      expect(await idsOf(`categoryId=${deep.id}${scope}`)).toEqual([first.id, second.id]);
      expect(await idsOf(`tag=${tag}${scope}`)).toEqual([second.id, loose.id, fourth.id]);
      expect(await idsOf(`tag=%23${tag.toUpperCase()}&categoryId=${top.id}${scope}`)).toEqual([second.id, fourth.id]);
      expect(await idsOf(`tag=${tag}&categoryId=${left.id}${scope}`)).toEqual([]);
      const bounds = `from=${on(2).startsAt}&to=${on(4).startsAt}`;
      expect(await idsOf(`categoryId=${top.id}&${bounds}${scope}`)).toEqual([second.id, third.id]);
      expect(await idsOf(`tag=${tag}&${bounds}${scope}`)).toEqual([second.id, loose.id]);
    }
    const members = await idsOf(`${mine}&categoryId=${right.id}`, organizer.user.headers);
    expect(members).toHaveLength(6); // with the draft, the unlisted and the cancelled one
    const tagged = await idsOf(`${mine}&tag=${tag}&categoryId=${right.id}`, organizer.user.headers);
    expect(tagged).toHaveLength(4);
  });

  test("ended events are shown only to whoever asks for a start", async () => {
    const organizer = await newOrganizer();
    const category = await categoryUnder(null);
    const tag = tagOf();
    const event = await createPublished(organizer, { categoryId: category.id, tags: [tag] });
    await env.EVENTS_DB.prepare("UPDATE events SET starts_at_ms = 1000, ends_at_ms = 2000 WHERE id = ?1")
      .bind(event.id)
      .run();
    for (const query of [`categoryId=${category.id}`, `tag=${tag}`, `tag=${tag}&categoryId=${category.id}`]) {
      expect(await idsOf(query)).toEqual([]);
      expect(await idsOf(`${query}&from=1970-01-01T00:00:00Z`)).toEqual([event.id]);
    }
  });

  test.each([
    ["tag=", "query.tag"],
    ["tag=%23", "query.tag"],
    ["tag=a%00", "query.tag"],
    [`tag=${"x".repeat(41)}`, "query.tag"],
  ])("the query %s is refused by name", async (query, path) => {
    const response = await call("GET", `/v1/events?${query}`);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({ errors: [{ path }] });
  });
});

describe("what a page costs", () => {
  const top = newId("category", 1);
  const below = newId("category", 2);
  const nowMs = Date.now();
  const page: LabelPage = { limit: 21, after: null, earliestMs: nowMs, endsAfterMs: nowMs };
  const cases: readonly (readonly [what: string, labels: Labels])[] = [
    ["a category with one below it", { categoryId: top }],
    ["a tag", { tag: "crowded" }],
    ["both", { categoryId: top, tag: "crowded" }],
  ];

  async function rowsReadBy(labels: Labels, of: LabelPage): Promise<number> {
    const { sql, values } = labelledList(labels, of);
    const { results, meta } = await env.EVENTS_DB.prepare(sql)
      .bind(...values)
      .all();
    expect(results).toHaveLength(of.limit);
    return meta.rows_read;
  }

  /** Listed events of both categories in turn, one an hour from tomorrow on. */
  async function addEvents(from: number, count: number): Promise<void> {
    await env.EVENTS_DB.prepare(
      `INSERT INTO events (id, organization_id, organization_name, slug, status, version, title, summary, description, timezone, tags,
         visibility, category_id, starts_at_ms, ends_at_ms, created_at_ms, updated_at_ms, published_at_ms)
       WITH RECURSIVE n(i) AS (SELECT ?1 UNION ALL SELECT i + 1 FROM n WHERE i < ?1 + ?2 - 1)
       SELECT 'evt_' || printf('%026d', i), 'org', 'x', 'e' || i, 'published', 1, 'x', '', '', 'UTC', '["crowded"]',
         'public', CASE i % 2 WHEN 0 THEN ?3 ELSE ?4 END, ?5 + i * 3600000, ?5 + i * 3600000 + 1, 1, 1, 1 FROM n`,
    )
      .bind(from, count, top, below, nowMs + 86_400_000)
      .run();
  }

  beforeAll(async () => {
    const insert = "INSERT INTO categories (id, slug, name, version, parent_id) VALUES (?1, ?1, 'x', 1, ?2)";
    await env.EVENTS_DB.batch([
      env.EVENTS_DB.prepare(insert).bind(top, null),
      env.EVENTS_DB.prepare(insert).bind(below, top),
    ]);
    await addEvents(0, 200);
  });

  test("does not grow with the table, neither for the first page nor for a late one", async () => {
    const late: LabelPage = { ...page, after: [nowMs + 86_400_000 + 150 * 3_600_000, newId("event", 1)] };
    const before = new Map<string, number>();
    for (const [what, labels] of cases)
      for (const of of [page, late]) before.set(`${what} ${of === late}`, await rowsReadBy(labels, of));
    await addEvents(200, 20_000);
    for (const [what, labels] of cases) {
      for (const of of [page, late]) {
        const small = before.get(`${what} ${of === late}`) ?? 0;
        expect(small).toBeGreaterThan(0);
        expect(await rowsReadBy(labels, of)).toBeLessThanOrEqual(small + 5);
      }
      const veryLate: LabelPage = { ...page, after: [nowMs + 86_400_000 + 19_000 * 3_600_000, newId("event", 1)] };
      expect(await rowsReadBy(labels, veryLate)).toBeLessThanOrEqual((before.get(`${what} true`) ?? 0) + 5);
    }
  });

  test.each(cases)("no table is walked for %s", async (_what, labels) => {
    const { sql, values } = labelledList(labels, page);
    const { results } = await env.EVENTS_DB.prepare(`EXPLAIN QUERY PLAN ${sql}`)
      .bind(...values)
      .all<{ detail: string }>();
    const plan = results.map(({ detail }) => detail);
    expect(plan.filter((step) => /^SCAN (?!page|b\b|below|CONSTANT)/.test(step))).toEqual([]);
    expect(plan.some((step) => step.includes("COVERING INDEX"))).toBe(true);
  });
});

test("a list by a category that does not exist is empty", async () => {
  const absent: Id<"category"> = newId("category", 1);
  expect(await idsOf(`categoryId=${absent}`)).toEqual([]);
});
