import { env } from "cloudflare:workers";
import { limits } from "@foyer/kernel/limits";
import { beforeEach, describe, expect, test } from "vitest";
import { createCachePurger } from "../../src/clients/cache-purger.ts";
import type { Deps } from "../../src/deps.ts";
import { purgeCaches } from "../../src/service/purge-caches.ts";
import { call, createDraft, createPublished, newOrganizer } from "../helpers.ts";
import { ownApp } from "../own-app.ts";

/** Cloudflare's API as its documentation has it: it notes what it is asked, and answers as it is told. */
function cloudflare() {
  const asked: { url: string; authorization: string | null; body: unknown }[] = [];
  const state = { answer: async (): Promise<Response> => Response.json({ success: true, result: { id: "zone1" } }) };
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    asked.push({
      url: request.url,
      authorization: request.headers.get("authorization"),
      body: request.method === "POST" ? await request.json() : null,
    });
    return state.answer();
  };
  return { asked, state, fetch };
}

function purging() {
  const api = cloudflare();
  const { deps } = ownApp();
  let aheadMs = 0;
  const apiUrl = "https://api.cloudflare.example/client/v4";
  const purger = createCachePurger({ apiUrl, zone: "zone1", token: "secret", log: deps.log, fetch: api.fetch });
  const own: Deps = { ...deps, purger, clock: { nowMs: () => deps.clock.nowMs() + aheadMs } };
  return {
    ...api,
    run: () => purgeCaches(own),
    wait: (seconds: number) => {
      aheadMs += seconds * 1_000;
    },
    tags: () => api.asked.flatMap(({ body }) => (body as { tags: string[] }).tags),
  };
}

async function noted(): Promise<string[]> {
  const { results } = await env.EVENTS_DB.prepare("SELECT tag FROM cache_purges ORDER BY tag").all<{ tag: string }>();
  return results.map(({ tag }) => tag);
}

beforeEach(async () => {
  await env.EVENTS_DB.prepare("DELETE FROM cache_purges").run();
});

describe("after a change", () => {
  test("the event, its organization and the lists are purged in one call, and only once", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "Another" } });
    const { asked, run, tags } = purging();
    expect(await run()).toBe(3);
    expect(asked).toHaveLength(1);
    expect(asked[0]).toMatchObject({
      url: "https://api.cloudflare.example/client/v4/zones/zone1/purge_cache",
      authorization: "Bearer secret",
    });
    expect(tags().sort()).toEqual([`event:${event.id}`, "events", `organization:${organizer.organizationId}`].sort());
    expect([await run(), asked.length, await noted()]).toEqual([0, 1, []]);
    // These are the tags that its answers carry.
    const page = await call("GET", `/v1/events/${event.id}`);
    expect(tags()).toContain(page.headers.get("cache-tag"));
    const list = await call("GET", `/v1/events?organizationId=${organizer.organizationId}`);
    expect(tags()).toContain(list.headers.get("cache-tag"));
    expect(tags()).toContain((await call("GET", "/v1/events")).headers.get("cache-tag"));
    const mine = await call("GET", `/v1/events?organizationId=${organizer.organizationId}`, { user: organizer.user });
    expect(mine.headers.get("cache-tag")).toBeNull();
  });

  test("that is undone, nothing is noted", async () => {
    const organizer = await newOrganizer();
    const event = await createPublished(organizer);
    await env.EVENTS_DB.prepare("DELETE FROM cache_purges").run();
    const stale = { "if-match": '"99"' };
    await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "x" }, headers: stale });
    expect(await noted()).toEqual([]);
  });

  test.each([
    ["an error", async () => Response.json({ success: false }, { status: 500 })],
    ["a refused token", async () => Response.json({ success: false }, { status: 403 })],
    ["too many calls", async () => Response.json({ success: false }, { status: 429 })],
    ["no answer", () => Promise.reject(new Error("connection lost"))],
  ])("a first call that meets %s is made again later, and then succeeds", async (_what, answer) => {
    const event = await createDraft(await newOrganizer());
    const { asked, state, run, wait, tags } = purging();
    const succeed = state.answer;
    state.answer = answer;
    expect(await run()).toBe(0);
    expect(await noted()).toHaveLength(3);
    // Not at once: what has failed is left alone for a while.
    expect([await run(), asked.length]).toEqual([0, 1]);
    state.answer = succeed;
    wait(3);
    expect(await run()).toBe(3);
    expect(tags().filter((tag) => tag === `event:${event.id}`)).toHaveLength(2);
    expect(await noted()).toEqual([]);
  });

  test("that comes while its predecessor is being purged is purged as well", async () => {
    const organizer = await newOrganizer();
    const event = await createDraft(organizer);
    const { state, run, tags } = purging();
    const succeed = state.answer;
    state.answer = async () => {
      state.answer = succeed;
      await call("PATCH", `/v1/events/${event.id}`, { user: organizer.user, body: { title: "Meanwhile" } });
      return succeed();
    };
    await run();
    expect(tags().filter((tag) => tag === `event:${event.id}`)).toHaveLength(2);
    expect(await noted()).toEqual([]);
  });

  test("two that purge at once do not purge the same", async () => {
    await createDraft(await newOrganizer());
    const [one, other] = [purging(), purging()];
    await Promise.all([one.run(), other.run()]);
    expect([...one.tags(), ...other.tags()]).toHaveLength(3);
  });
});

test("many tags go in calls of thirty, five calls a run; the rest waits for the next", async () => {
  const most = limits.cachePurgeTagsPerCallMax * limits.cachePurgeCallsPerRunMax;
  const tags = Array.from({ length: most + 1 }, (_, index) => `event:${index}`);
  await env.EVENTS_DB.prepare("INSERT INTO cache_purges (tag, available_at_ms) SELECT value, 0 FROM json_each(?1)")
    .bind(JSON.stringify(tags))
    .run();
  const { asked, run } = purging();
  expect(await run()).toBe(most);
  expect(asked.map(({ body }) => (body as { tags: string[] }).tags.length)).toEqual(
    Array.from({ length: limits.cachePurgeCallsPerRunMax }, () => limits.cachePurgeTagsPerCallMax),
  );
  expect(await run()).toBe(1);
});

test("what fails for hours is given up, with its last attempt and not before", async () => {
  await createDraft(await newOrganizer());
  const { asked, state, run, wait } = purging();
  state.answer = async () => new Response(null, { status: 503 });
  for (let attempt = 1; attempt < limits.cachePurgeAttemptsMax; attempt += 1) {
    await run();
    wait(limits.retryDelaySecondsMax + 1);
  }
  expect(await noted()).toHaveLength(3);
  await run();
  expect(asked).toHaveLength(limits.cachePurgeAttemptsMax);
  expect(await noted()).toEqual([]);
});

test("where nothing is configured nothing is sent, and what was noted is thrown away", async () => {
  await createDraft(await newOrganizer());
  expect(await noted()).toHaveLength(3);
  const { deps } = ownApp();
  expect(deps.purger).toBeNull();
  expect(await purgeCaches(deps)).toBe(0);
  expect(await noted()).toEqual([]);
});
