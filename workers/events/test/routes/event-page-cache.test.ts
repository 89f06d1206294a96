import { limits } from "@foyer/kernel/limits";
import { describe, expect, test } from "vitest";
import { createEventPageCache, type PageAnswer, toEventPage } from "../../src/routes/event-page-cache.ts";

function newCache() {
  let nowMs = 1_000_000;
  let reads = 0;
  const cache = createEventPageCache({ nowMs: () => nowMs });
  const get = async (key: string, load: () => Promise<PageAnswer> = async () => page(1)) => {
    const answer = await cache.get(
      `/v1/events/${key}`,
      () => {
        reads += 1;
        return load();
      },
      () => undefined,
    );
    // As a route does; what is written for a page that is kept is counted.
    if (answer.kind === "page") cache.respond(`/v1/events/${key}`, answer.page, request(`/v1/events/${key}`));
    return answer.kind === "page" ? answer.page.version : null;
  };
  const request = (path: string, headers: Record<string, string> = {}) =>
    new Request(`https://events.example${path}`, { headers });
  return { cache, get, request, reads: () => reads, wait: (ms: number) => (nowMs += ms) };
}
const absent: PageAnswer = { kind: "refused", failure: { code: "events.not_found", detail: "No such event." } };
const page = (version: number, text = "text", eventId = "evt_1", locales: readonly string[] = ["en"]): PageAnswer => ({
  kind: "page",
  page: toEventPage({
    eventId,
    version,
    cacheControl: "public",
    cacheTag: "event:one",
    locales,
    fallback: locales[0] ?? "en",
    link: "",
    render: (locale) => (locales.length > 1 ? { text, locale } : { text }),
  }),
});

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
    const { promise, resolve } = Promise.withResolvers<PageAnswer>();
    const all = Array.from({ length: 20 }, () => get("night", () => promise));
    resolve(page(7));
    expect(new Set(await Promise.all(all))).toEqual(new Set([7]));
    expect(reads()).toBe(1);
  });

  test("whose reader fails or never answers is read by those who waited", async () => {
    const { get, reads } = newCache();
    const { promise, reject } = Promise.withResolvers<PageAnswer>();
    const first = get("night", () => promise);
    const second = get("night");
    reject(new Error("cut off"));
    await expect(first).rejects.toThrow("cut off");
    expect(await second).toBe(1);
    const { promise: never } = Promise.withResolvers<PageAnswer>();
    void get("other", () => never);
    expect(await get("other")).toBe(1);
    expect(reads()).toBe(4);
  });

  test("is forgotten under all its addresses by a write, and a read from before the write is not kept", async () => {
    const { cache, get, request, reads } = newCache();
    const event = { id: "evt_1" };
    const other = async () => page(1, "text", "evt_2");
    await get("evt_1");
    await get("night");
    await get("other", other);
    const { promise, resolve } = Promise.withResolvers<PageAnswer>();
    const slow = get("else", () => promise);
    cache.forget(event);
    resolve(page(1));
    await slow;
    for (const key of ["evt_1", "night", "else"]) expect(cache.match(request(`/v1/events/${key}`))).toBeNull();
    expect(cache.match(request("/v1/events/other"))?.status).toBe(200);
    await get("night", async () => page(2));
    expect(reads()).toBe(5);
    expect(cache.match(request("/v1/events/night"))?.headers.get("etag")).toBe('"2"');
  });

  test("that is absent is asked for every time, and takes no room", async () => {
    const { cache, get, reads } = newCache();
    expect(await get("made-up", async () => absent)).toBeNull();
    expect(await get("made-up", async () => absent)).toBeNull();
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

test("an event in several languages is read once, and each reader gets it in theirs", async () => {
  const { cache, get, request, reads } = newCache();
  await get("night", async () => page(3, "text", "evt_1", ["en", "de", "pt-BR"]));
  const seen = async (language: string, headers: Record<string, string> = {}) => {
    const response = cache.match(request("/v1/events/night", { "accept-language": language, ...headers }));
    const body = response?.status === 200 ? ((await response.json()) as { locale: string }).locale : null;
    return [response?.status, body, response?.headers.get("etag"), response?.headers.get("content-language")];
  };
  expect(await seen("de-AT, en;q=0.5")).toEqual([200, "de", '"3-de"', "de"]);
  expect(await seen("pt-br")).toEqual([200, "pt-BR", '"3-pt-BR"', "pt-BR"]);
  expect(await seen("fr")).toEqual([200, "en", '"3-en"', "en"]);
  expect(await seen("de", { "if-none-match": '"3-en"' })).toEqual([200, "de", '"3-de"', "de"]);
  expect(await seen("de", { "if-none-match": '"3-de"' })).toEqual([304, null, '"3-de"', "de"]);
  expect(cache.match(request("/v1/events/night"))?.headers.get("vary")).toBe("authorization, accept-language");
  expect(reads()).toBe(1);
  const bodies = ["en", "de", "pt-BR"].map((locale) => JSON.stringify({ text: "text", locale }).length);
  expect(cache.size()).toEqual({ pages: 1, bytes: bodies.reduce((sum, size) => sum + size, 0) });
});

test("a redirect is asked for every time", async () => {
  const { cache, get, reads } = newCache();
  const moved: PageAnswer = { kind: "moved", path: "/v1/events/new", cacheControl: "public" };
  await get("old", async () => moved);
  await get("old", async () => moved);
  expect([reads(), cache.size().pages]).toEqual([2, 0]);
});
