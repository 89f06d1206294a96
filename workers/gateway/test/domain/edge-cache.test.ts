import { limits } from "@foyer/kernel/limits";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createEdgeCache,
  type EdgeCache,
  edgeReadPatienceMs,
  type KeptAnswer,
  readAtMost,
  shareableMs,
} from "../../src/domain/edge-cache.ts";

const url = "https://api.example/v1/events/evt_1";
const keptForMs = limits.edgeAnswerKeptMs;
const renewAfterMs = limits.edgeAnswerRenewAfterMs;
const answerOf = (bytes = 1): KeptAnswer => ({
  body: new Uint8Array(bytes),
  headers: new Headers(),
  etag: null,
  keptForMs,
});

async function keep(edge: EdgeCache, at: string, answer: KeptAnswer | null, nowMs: number): Promise<void> {
  edge.note(at);
  const read = Promise.resolve(answer);
  edge.announce(at, read, nowMs);
  await read;
}

describe("an answer", () => {
  test("is given until half a second after its read began, and not at that moment", async () => {
    const edge = createEdgeCache();
    const answer = answerOf();
    await keep(edge, url, answer, 1_000);
    expect(edge.turnFor(url, 1_000)).toEqual({ kind: "give", answer });
    expect(edge.turnFor(url, 1_000 + renewAfterMs - 1)).toEqual({ kind: "give", answer });
    expect(edge.turnFor(url, 1_000 + renewAfterMs)).toEqual({ kind: "read" });
    expect(edge.turnFor(url, 1_000 + keptForMs)).toEqual({ kind: "read" });
  });

  test("is read anew by one while the others are served, and they wait once it has ended", async () => {
    const edge = createEdgeCache();
    const answer = answerOf();
    await keep(edge, url, answer, 0);
    const read = new Promise<KeptAnswer | null>(() => {});
    expect(edge.turnFor(url, renewAfterMs)).toEqual({ kind: "read" });
    edge.announce(url, read, renewAfterMs);
    expect(edge.turnFor(url, keptForMs - 1)).toEqual({ kind: "give", answer });
    expect(edge.turnFor(url, keptForMs)).toEqual({ kind: "wait", read });
  });

  test("that never comes is read by another after a while", async () => {
    const edge = createEdgeCache();
    edge.note(url);
    const read = new Promise<KeptAnswer | null>(() => {});
    edge.announce(url, read, 0);
    expect(edge.turnFor(url, edgeReadPatienceMs - 1)).toEqual({ kind: "wait", read });
    expect(edge.turnFor(url, edgeReadPatienceMs)).toEqual({ kind: "read" });
  });

  test("that may not be kept, or fails, makes the URL one like any other", async () => {
    const edge = createEdgeCache();
    await keep(edge, url, answerOf(), 0);
    await keep(edge, url, null, renewAfterMs);
    expect(edge.turnFor(url, renewAfterMs)).toBeNull();
    edge.note(url);
    const failing = Promise.reject(new Error("down"));
    edge.announce(url, failing, 0);
    await failing.catch(() => {});
    expect(edge.turnFor(url, 0)).toBeNull();
    expect(edge.size()).toEqual({ urls: 0, bytes: 0 });
  });

  test("that was being read when its URL was forgotten is not kept", async () => {
    const edge = createEdgeCache();
    edge.note(url);
    const { promise, resolve } = Promise.withResolvers<KeptAnswer | null>();
    edge.announce(url, promise, 0);
    edge.forget(url);
    edge.note(url);
    resolve(answerOf());
    await promise;
    expect(edge.turnFor(url, 0)).toEqual({ kind: "read" });
  });
});

test("a URL is not known before it is noted, and a very long one never is", () => {
  const edge = createEdgeCache();
  expect(edge.turnFor(url, 0)).toBeNull();
  edge.announce(url, Promise.resolve(answerOf()), 0);
  expect(edge.turnFor(url, 0)).toBeNull();
  const longest = `https://x/${"a".repeat(limits.edgeUrlCharsMax - 10)}`;
  edge.note(longest);
  edge.note(`${longest}a`);
  expect(edge.size().urls).toBe(1);
});

test("memory has a limit of URLs and of bytes, and what was read longest ago makes room", async () => {
  const edge = createEdgeCache();
  for (let index = 0; index <= limits.edgeAnswersMax; index += 1) edge.note(`${url}${index}`);
  expect(edge.size().urls).toBe(limits.edgeAnswersMax);
  expect(edge.turnFor(`${url}0`, 0)).toBeNull();
  expect(edge.turnFor(`${url}1`, 0)).toEqual({ kind: "read" });
  const large = answerOf(limits.edgeAnswerBytesMax);
  const fitting = limits.edgeAnswersBytesMax / limits.edgeAnswerBytesMax;
  for (let index = 0; index <= fitting; index += 1) await keep(edge, `${url}/large/${index}`, large, 0);
  expect(edge.size().bytes).toBe(limits.edgeAnswersBytesMax);
  expect(edge.turnFor(`${url}/large/0`, 0)).toBeNull();
  expect(edge.turnFor(`${url}/large/1`, 0)).toEqual({ kind: "give", answer: large });
});

test("whatever is noted, read and forgotten, the bytes add up to what is there, within limits", async () => {
  const urls = ["a", "b", "c"];
  const step = fc.record({
    url: fc.constantFrom(...urls),
    what: fc.constantFrom("note", "keep", "refuse", "forget"),
    bytes: fc.integer({ min: 0, max: 9 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const edge = createEdgeCache();
      const model = new Map<string, number>();
      for (const { url: at, what, bytes } of steps) {
        if (what === "note") {
          edge.note(at);
          if (!model.has(at)) model.set(at, 0);
        } else if (what === "keep") {
          await keep(edge, at, answerOf(bytes), 0);
          model.set(at, bytes);
        } else if (what === "refuse") {
          await keep(edge, at, null, 0);
          model.delete(at);
        } else {
          edge.forget(at);
          model.delete(at);
        }
      }
      const bytes = [...model.values()].reduce((sum, size) => sum + size, 0);
      expect(edge.size()).toEqual({ urls: model.size, bytes });
    }),
  );
});

describe("which answers may be shared", () => {
  const shared = { "cache-control": "public, max-age=0, s-maxage=1" };

  test.each([
    ["a second", "public, s-maxage=1", limits.edgeAnswerKeptMs],
    ["five minutes", "public, s-maxage=300", limits.edgeAnswerKeptMs],
    ["nothing", "public, s-maxage=0", 0],
    ["its own caller's browser", "public, max-age=60", 0],
    ["one person", "private, s-maxage=1", 0],
    ["nobody", "no-store, public, s-maxage=1", 0],
    ["whoever asks first", "public, no-cache, s-maxage=1", 0],
    ["everybody, unsaid", "s-maxage=1", 0],
    ["another directive", "public, x-s-maxage=1", 0],
  ])("for %s", (_, cacheControl, expected) => {
    expect(shareableMs(200, new Headers({ "cache-control": cacheControl }))).toBe(expected);
  });

  test.each([201, 204, 206, 301, 304, 404, 429, 500, 503])("not with status %i", (status) => {
    expect(shareableMs(status, new Headers(shared))).toBe(0);
  });

  test.each([
    ["set-cookie", "a=b"],
    ["content-encoding", "gzip"],
    ["content-range", "bytes 0-1/2"],
    ["content-length", String(limits.edgeAnswerBytesMax + 1)],
    ["vary", "accept-language"],
    ["vary", "Authorization, Accept"],
    ["vary", "*"],
  ])("not with %s: %s", (name, value) => {
    expect(shareableMs(200, new Headers({ ...shared, [name]: value }))).toBe(0);
  });

  test.each(["authorization", "Origin", "Authorization, Cookie, Origin", ""])("though they vary by %j", (vary) => {
    expect(shareableMs(200, new Headers({ ...shared, vary }))).toBe(limits.edgeAnswerKeptMs);
  });
});

const streamOf = (chunks: readonly Uint8Array[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk);
      controller.close();
    },
  });

test("a body is read whole below and at the limit, and streams on unharmed above it", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ minLength: 1, maxLength: 5 }), { maxLength: 8 }), async (chunks) => {
      const sent = chunks.flatMap((chunk) => [...chunk]);
      const body = await readAtMost(streamOf(chunks), 12);
      expect(body instanceof ReadableStream).toBe(sent.length > 12);
      expect([...new Uint8Array(await new Response(body).arrayBuffer())]).toEqual(sent);
    }),
  );
});
