import { env } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import { describe, expect, test } from "vitest";
import {
  calendarList,
  calledOffList,
  type EventFilter,
  type ListQuery,
  latestList,
  type MemberFilter,
  memberList,
  publicList,
} from "../../src/repository/list-queries.ts";

const organizationId = newId("organization", 1);
const parts: readonly EventFilter[] = [
  { organizationId },
  { categoryId: newId("category", 1) },
  { venueId: newId("venue", 1) },
  { seriesId: newId("series", 1) },
  { online: true },
  { online: false },
  { city: "Berlin" },
  { fromMs: 1_000 },
  { toMs: 9_000 },
];
const memberParts: readonly MemberFilter[] = [
  { status: "draft" },
  { visibility: "unlisted" },
  { updatedSinceMs: 1_000 },
];

/** Every choice of some of these, taken together. */
function choices<T extends object>(from: readonly T[]): T[] {
  return Array.from({ length: 2 ** from.length }, (_, chosen) =>
    Object.assign({}, ...from.filter((_part, bit) => (chosen >> bit) % 2 === 1)),
  );
}

/**
 * How SQLite would answer: for each text, which is explained once, the steps that are about events, and whether anything is
 * sorted.
 */
async function planned(queries: readonly ListQuery[]) {
  const distinct = [...new Map(queries.map((query) => [query.sql, query])).values()];
  const plans: { sql: string; events: string[]; sorts: boolean }[] = [];
  for (let from = 0; from < distinct.length; from += 100) {
    const some = distinct.slice(from, from + 100);
    const answers = await env.EVENTS_DB.batch<{ detail: string }>(
      some.map(({ sql, values }) => env.EVENTS_DB.prepare(`EXPLAIN QUERY PLAN ${sql}`).bind(...values)),
    );
    for (const [index, { results }] of answers.entries()) {
      const steps = results.map(({ detail }) => detail);
      const sorts = steps.some((step) => step.includes("TEMP B-TREE"));
      plans.push({ sql: some[index]?.sql ?? "", events: steps.filter((step) => / e /.test(step)), sorts });
    }
  }
  return plans;
}

const nowMs = 5_000;
const limit = 21;

describe("no list sorts, and each searches an index", () => {
  test("for the public: every choice of filters, on the first page and on later ones", async () => {
    const queries = choices(parts).flatMap((filter) =>
      [null, [7_000, "evt_a"] as const].map((after) => publicList(filter, { limit, after, nowMs })),
    );
    const plans = await planned(queries);
    expect(plans.length).toBeGreaterThan(500);
    for (const { sql, events, sorts } of plans) {
      expect([sql, sorts]).toEqual([sql, false]);
      expect(events).toHaveLength(1);
      expect(events[0]).toMatch(
        /^SEARCH e USING INDEX events_listed(?:_\w+)? \(.*starts_at_ms|^SEARCH e USING INDEX events_listed(?:_\w+)? \(.*\(starts_at_ms,id\)/,
      );
    }
  });

  test("for members: every choice of filters in every order", async () => {
    const filters = choices<MemberFilter>([...parts.slice(1), ...memberParts]);
    const queries = filters.flatMap((filter) => [
      memberList({ ...filter, organizationId }, { limit, order: "created", after: null }),
      memberList({ ...filter, organizationId }, { limit, order: "created", after: ["evt_a"] }),
      ...(["start", "updated"] as const).flatMap((order) =>
        [null, [7_000, "evt_a"]].map((after) => memberList({ ...filter, organizationId }, { limit, order, after })),
      ),
    ]);
    // Thousands of texts, which differ in what is looked at in each row: some are explained, and all of few filters.
    const plans = await planned(queries.filter(({ values }, index) => values.length < 5 || index % 23 === 0));
    expect(plans.length).toBeGreaterThan(500);
    for (const { sql, events, sorts } of plans) {
      expect([sql, sorts]).toEqual([sql, false]);
      expect(events).toHaveLength(1);
      expect(events[0]).toMatch(/^SEARCH e USING INDEX events_of_organization(?:_\w+)? \(organization_id=\?/);
    }
  });

  test("for calendars and feeds", async () => {
    const queries = choices(parts).map((filter) => calledOffList(filter, { limit, earliestMs: 1 }));
    queries.push(calendarList(organizationId, { limit, earliestMs: 1 }));
    for (const { sql, events, sorts } of await planned(queries)) {
      expect([sql, sorts]).toEqual([sql, false]);
      expect(events).toHaveLength(1);
      expect(events[0]).toMatch(/^SEARCH e USING INDEX events_(?:called_off|in_calendar_of_organization) \(/);
    }
    // What was made public last is read from the end of its index until there are enough.
    for (const { sql, events, sorts } of await planned(
      choices(parts).map((filter) => latestList(filter, { limit, nowMs })),
    )) {
      expect([sql, sorts]).toEqual([sql, false]);
      expect(events).toHaveLength(1);
      expect(events[0]).toMatch(/ e USING INDEX events_listed_by_(?:organization_and_)?publication/);
    }
  });
});
