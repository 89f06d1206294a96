import { limits } from "@foyer/kernel/limits";
import { describe, expect, test } from "vitest";
import { createEventPageCache, type EventPage, toEventPage } from "../../src/routes/event-page-cache.ts";

function newCache() {
  let nowMs = 1_000_000;
  let reads = 0;
  const cache = createEventPageCache({ nowMs: () => nowMs });
  const get = (key: string, load: () => Promise<EventPage | null> = async () => page(1)) =>
    cache.get(
      key,
      () => {
        reads += 1;
        return load();
      },
      () => undefined,
    );
  const request = (path: string, headers: Record<string, string> = {}) =>
    new Request(`https://events.example${path}`, { headers });
  return { cache, get, request, reads: () => reads, wait: (ms: number) => (nowMs += ms) };
}
const page = (version: number, text = "text") =>
  toEventPage({ text }, version, { cacheControl: "public", cacheTag: "event:one" });

describe("a page", () => {
  test("is read once a second, however many ask", async () => {
    const { get, reads, wait } = newCache();
    for (let count = 0; count < 50; count += 1) await get("night");
    expect(reads()).toBe(1);
    wait(limits.eventPageFreshMs - 1);
    await get("night");
    expect(reads()).toBe(1);
    wait(1);
    await get("night");
    expect(reads()).toBe(2);
  });

  test("that is being read is not read again by those who ask meanwhile", async () => {
    const { get, reads } = newCache();
    const { promise, resolve } = Promise.withResolvers<EventPage>();
    const all = Array.from({ length: 20 }, () => get("night", () => promise));
    resolve(page(7));
    expect(new Set((await Promise.all(all)).map((answer) => answer?.etag))).toEqual(new Set(['"7"']));
    expect(reads()).toBe(1);
  });

  test("whose reader fails or never answers is read by those who waited", async () => {
    const { get, reads } = newCache();
    const { promise, reject } = Promise.withResolvers<EventPage>();
    const first = get("night", () => promise);
    const second = get("night");
    reject(new Error("cut off"));
    await expect(first).rejects.toThrow("cut off");
    expect((await second)?.etag).toBe('"1"');
    const { promise: never } = Promise.withResolvers<EventPage>();
    void get("other", () => never);
    expect((await get("other"))?.etag).toBe('"1"');
    expect(reads()).toBe(4);
  });

  test("is forgotten under both addresses by a write, and a read from before the write is not kept", async () => {
    const { cache, get, request, reads } = newCache();
    const event = { id: "evt_1", slug: "night" };
    await get("evt_1");
    await get("night");
    const { promise, resolve } = Promise.withResolvers<EventPage>();
    const slow = get("else", () => promise);
    cache.forget(event);
    resolve(page(1));
    await slow;
    for (const key of ["evt_1", "night", "else"]) expect(cache.match(request(`/v1/events/${key}`))).toBeNull();
    await get("night", async () => page(2));
    expect(reads()).toBe(4);
    expect(cache.match(request("/v1/events/night"))?.headers.get("etag")).toBe('"2"');
  });

  test("that is absent is asked for every time, and takes no room", async () => {
    const { cache, get, reads } = newCache();
    expect(await get("made-up", async () => null)).toBeNull();
    expect(await get("made-up", async () => null)).toBeNull();
    expect(reads()).toBe(2);
    expect(cache.size()).toEqual({ pages: 0, bytes: 0 });
  });
});

test("the cache stays within its count and its bytes, and the oldest go first", async () => {
  const { cache, get, request } = newCache();
  for (let index = 0; index <= limits.eventPagesCachedMax; index += 1) await get(`night-${index}`);
  expect(cache.size().pages).toBe(limits.eventPagesCachedMax);
  expect(cache.match(request("/v1/events/night-0"))).toBeNull();
  expect(cache.match(request("/v1/events/night-1"))?.status).toBe(200);
  const large = "x".repeat(limits.eventPagesCachedBytesMax / 4);
  for (let index = 0; index < 6; index += 1) await get(`large-${index}`, async () => page(1, large));
  expect(cache.size().bytes).toBeLessThanOrEqual(limits.eventPagesCachedBytesMax);
  await get("giant", async () => page(1, "x".repeat(limits.eventPagesCachedBytesMax)));
  expect(cache.match(request("/v1/events/giant"))).toBeNull();
});

test("only a plain anonymous GET of a page itself is answered before the router", async () => {
  const { cache, get, request } = newCache();
  await get("night");
  expect(await cache.match(request("/v1/events/night"))?.json()).toEqual({ text: "text" });
  expect(cache.match(request("/v1/events/night", { "if-none-match": '"1"' }))?.status).toBe(304);
  expect(cache.match(request("/v1/events/night", { authorization: "Bearer x" }))).toBeNull();
  expect(cache.match(request("/v1/events/night?x=1"))).toBeNull();
  expect(cache.match(request("/v1/events/night/media"))).toBeNull();
  expect(cache.match(request("/v2/v1/events/night"))).toBeNull();
  for (const method of ["HEAD", "POST", "PATCH", "DELETE"])
    expect(cache.match(new Request("https://events.example/v1/events/night", { method }))).toBeNull();
});
