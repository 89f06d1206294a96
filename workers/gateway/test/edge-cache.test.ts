import { env } from "cloudflare:workers";
import { limits } from "@foyer/kernel/limits";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { answerRequest } from "../src/app.ts";
import { createDeps, type Deps, type Upstream } from "../src/deps.ts";
import { answering, call } from "./call.ts";

/** Headers of an answer that anyone may have. */
const shared = { "content-type": "application/json", "cache-control": "public, max-age=0, s-maxage=1", etag: '"1"' };
const path = "/v1/events/evt_1";

interface Stage {
  readonly deps: Deps;
  nowMs: number;
  /** Requests that reached the worker. */
  readonly asked: Request[];
  answer: (request: Request) => Response | Promise<Response>;
}

/** A gateway whose worker and clock are the test's. */
function newStage(answer: Stage["answer"] = () => new Response('{"v":1}', { headers: shared })): Stage {
  const worker: Upstream = {
    async fetch(request) {
      stage.asked.push(request);
      return stage.answer(request);
    },
  };
  const deps = createDeps(env);
  const workers = { ...deps.workers, EVENTS: worker, BOOKINGS: worker };
  const stage: Stage = {
    deps: { ...deps, workers, clock: { nowMs: () => stage.nowMs } },
    nowMs: 1_000_000,
    asked: [],
    answer,
  };
  return stage;
}

const get = (stage: Stage, init: RequestInit = {}, at = path) =>
  Promise.resolve(answerRequest(stage.deps, new Request(`https://api.example${at}`, init)));

/** A stage on which the path's answer is at hand. */
async function warm(answer?: Stage["answer"]): Promise<Stage> {
  const stage = newStage(answer);
  await get(stage);
  await get(stage);
  return stage;
}

let stage: Stage;
beforeEach(async () => {
  stage = await warm();
});
afterEach(() => vi.useRealTimers());

describe("a public answer", () => {
  test("is asked for twice and then given from memory, the same in all but its id", async () => {
    expect(stage.asked).toHaveLength(2);
    const fresh = await get(newStage());
    const kept = await get(stage);
    expect(stage.asked).toHaveLength(2);
    expect(kept.status).toBe(200);
    expect(await kept.text()).toBe(await fresh.text());
    const comparable = ({ headers }: Response) => [...headers].filter(([name]) => name !== "x-request-id");
    expect(comparable(kept)).toEqual(comparable(fresh));
    expect(kept.headers.get("strict-transport-security")).toMatch(/^max-age/);
    expect(kept.headers.get("vary")).toBe("Origin");
  });

  test("is asked for again half a second after it was read, even if it took long to come", async () => {
    stage.nowMs += limits.edgeAnswerKeptMs;
    stage.answer = () => {
      stage.nowMs += 100;
      return new Response('{"v":2}', { headers: shared });
    };
    expect(await (await get(stage)).json()).toEqual({ v: 2 });
    stage.nowMs += limits.edgeAnswerKeptMs - 100;
    await get(stage);
    expect(stage.asked).toHaveLength(4);
  });

  test("shows an edit within half a second, however many ask", async () => {
    stage.answer = () => new Response('{"v":2}', { headers: { ...shared, etag: '"2"' } });
    const editedAtMs = stage.nowMs;
    let seen: unknown = null;
    while (seen === null) {
      stage.nowMs += 10;
      const { v } = await (await get(stage)).json<{ v: number }>();
      if (v === 2) seen = stage.nowMs - editedAtMs;
    }
    expect(seen).toBeLessThanOrEqual(limits.edgeAnswerKeptMs);
  });

  test("is forgotten when a change is sent to its address, and stays when the change is refused", async () => {
    const write = () => get(stage, { method: "PATCH", body: "{}", headers: { "content-type": "application/json" } });
    stage.answer = () => new Response("{}", { status: 412, headers: { "content-type": "application/problem+json" } });
    await write();
    expect(await (await get(stage)).json()).toEqual({ v: 1 });
    stage.answer = ({ method }) => new Response(method === "PATCH" ? "{}" : '{"v":2}', { headers: shared });
    await write();
    expect(await (await get(stage)).json()).toEqual({ v: 2 });
  });

  test("is one per address: another query or host is another answer", async () => {
    await get(stage, {}, `${path}?locale=de`);
    await Promise.resolve(answerRequest(stage.deps, new Request(`https://other.example${path}`)));
    expect(stage.asked).toHaveLength(4);
  });

  test("answers HEAD without a body, and HEAD alone keeps nothing", async () => {
    const head = await get(stage, { method: "HEAD" });
    expect(stage.asked).toHaveLength(2);
    expect(head.headers.get("etag")).toBe('"1"');
    expect(await head.text()).toBe("");
    const other = newStage(() => new Response(null, { headers: shared }));
    for (let index = 0; index < 3; index += 1) await get(other, { method: "HEAD" });
    expect(other.asked).toHaveLength(3);
  });
});

describe("conditions", () => {
  test.each(['"1"', 'W/"1"', '"0", "1"', "*"])("If-None-Match: %s is 304 from memory", async (known) => {
    const response = await get(stage, { headers: { "if-none-match": known } });
    expect(response.status).toBe(304);
    expect(await response.text()).toBe("");
    expect(response.headers.get("etag")).toBe('"1"');
    expect(stage.asked).toHaveLength(2);
  });

  test("that do not hold get the whole answer", async () => {
    expect((await get(stage, { headers: { "if-none-match": '"2"' } })).status).toBe(200);
  });

  test("of one caller do not keep the others from being served: the renewing request goes without", async () => {
    stage.nowMs += limits.edgeAnswerKeptMs;
    const response = await get(stage, { headers: { "if-none-match": '"1"' } });
    expect(response.status).toBe(304);
    expect(stage.asked.at(-1)?.headers.has("if-none-match")).toBe(false);
    expect((await get(stage)).status).toBe(200);
    expect(stage.asked).toHaveLength(3);
  });
});

describe("never from memory, never into it", () => {
  const own: [string, string][] = [
    ["authorization", "Bearer t"],
    ["range", "bytes=0-1"],
    ["x-event-access", "s"],
    ["x-order-secret", "s"],
    ["x-reservation-secret", "s"],
  ];

  test.each(own)("a request with %s", async (name, value) => {
    await get(stage, { headers: { [name]: value } });
    expect(stage.asked).toHaveLength(3);
    expect(stage.asked.at(-1)?.headers.get(name)).toBe(value);
    const other = newStage();
    for (let index = 0; index < 3; index += 1) await get(other, { headers: { [name]: value } });
    await get(other);
    expect(other.asked).toHaveLength(4);
  });

  test.each(["__Host-foyer_access=a.b.c", "_ga=1; __Host-foyer_access=a.b.c", "__Host-foyer_refresh=r"])(
    "a request with a cookie of ours: %s",
    async (cookie) => {
      await get(stage, { headers: { cookie } });
      expect(stage.asked).toHaveLength(3);
      const other = newStage(({ headers }) =>
        headers.has("authorization")
          ? new Response('{"mine":true}', { headers: { ...shared, vary: "authorization" } })
          : new Response('{"v":1}', { headers: shared }),
      );
      const own = await get(other, { headers: { cookie: "__Host-foyer_access=a.b.c" } });
      expect(await own.json()).toEqual({ mine: true });
      // A cache in front of this one is told what the answer depends on, whichever way the credential came.
      expect(own.headers.get("vary")).toBe("authorization, Cookie, Origin");
      for (let index = 0; index < 3; index += 1) expect(await (await get(other)).json()).toEqual({ v: 1 });
    },
  );

  test("a request that writes", async () => {
    const init = { method: "POST", body: "{}", headers: { "content-type": "application/json" } };
    for (let index = 0; index < 3; index += 1) await get(stage, init);
    expect(stage.asked).toHaveLength(5);
  });

  test.each<[string, Stage["answer"]]>([
    ["an error", () => new Response("{}", { status: 404, headers: shared })],
    ["an answer for one person", () => new Response("{}", { headers: { "cache-control": "private, no-store" } })],
    ["an answer that says nothing of caches", () => new Response("{}")],
    ["a cookie", () => new Response("{}", { headers: { ...shared, "set-cookie": "a=b" } })],
    ["a long answer", () => new Response("x".repeat(limits.edgeAnswerBytesMax + 1), { headers: shared })],
  ])("%s", async (_, answer) => {
    const other = newStage(answer);
    const lengths = [];
    for (let index = 0; index < 4; index += 1) lengths.push((await (await get(other)).text()).length);
    expect(other.asked).toHaveLength(4);
    expect(new Set(lengths).size).toBe(1);
  });

  test("an error that follows a good answer, once that has ended", async () => {
    stage.nowMs += limits.edgeAnswerKeptMs;
    stage.answer = () => new Response("{}", { status: 404, headers: shared });
    expect((await get(stage)).status).toBe(404);
    expect((await get(stage)).status).toBe(404);
    stage.answer = () => new Response('{"v":2}', { headers: shared });
    expect((await get(stage)).status).toBe(200);
  });
});

describe("a crowd", () => {
  test("that finds an ended answer sends one request, and all are answered by it", async () => {
    stage.nowMs += 10 * limits.edgeAnswerKeptMs;
    const { promise, resolve } = Promise.withResolvers<Response>();
    stage.answer = () => promise;
    const crowd = Array.from({ length: 50 }, () => get(stage));
    resolve(new Response('{"v":2}', { headers: shared }));
    for (const response of await Promise.all(crowd)) expect(await response.json()).toEqual({ v: 2 });
    expect(stage.asked).toHaveLength(3);
  });

  test("never meets a gap while it lasts: one renews, the others are served at once", async () => {
    stage.nowMs += limits.edgeAnswerRenewAfterMs;
    const { promise, resolve } = Promise.withResolvers<Response>();
    stage.answer = () => promise;
    const renewing = get(stage);
    for (let index = 0; index < 20; index += 1) expect(await (await get(stage)).json()).toEqual({ v: 1 });
    resolve(new Response('{"v":2}', { headers: shared }));
    expect(await (await renewing).json()).toEqual({ v: 2 });
    expect(await (await get(stage)).json()).toEqual({ v: 2 });
    expect(stage.asked).toHaveLength(3);
  });

  test("does not wait long for a read that hangs: each then reads for himself", async () => {
    vi.useFakeTimers();
    stage.nowMs += limits.edgeAnswerKeptMs;
    stage.answer = () => new Promise<Response>(() => {});
    void get(stage);
    const waiting = Array.from({ length: 3 }, () => get(stage));
    stage.answer = () => new Response('{"v":2}', { headers: shared });
    await vi.advanceTimersByTimeAsync(1_000);
    for (const response of await Promise.all(waiting)) expect(await response.json()).toEqual({ v: 2 });
  });

  test("is told the truth when the worker is down", async () => {
    const write = vi.spyOn(console, "error").mockImplementation(() => {});
    try {
      stage.nowMs += limits.edgeAnswerKeptMs;
      stage.answer = () => Promise.reject(new Error("down"));
      const responses = await Promise.all(Array.from({ length: 5 }, () => get(stage)));
      expect(responses.map(({ status }) => status)).toEqual(Array.from({ length: 5 }, () => 503));
    } finally {
      write.mockRestore();
    }
  });

  test("gets an id each, its own where one was sent", async () => {
    const ids = new Set<string | null>();
    for (let index = 0; index < 200; index += 1) ids.add((await get(stage)).headers.get("x-request-id"));
    expect(ids.size).toBe(200);
    for (const id of ids) expect(id).toMatch(/^req_[0-9a-z]{26}$/);
    const sent = await get(stage, { headers: { "x-request-id": "trace-1" } });
    expect(sent.headers.get("x-request-id")).toBe("trace-1");
    expect(stage.asked).toHaveLength(2);
  });
});

test("cookies of others are no credential: whoever has some is answered from memory, and no worker sees them", async () => {
  const filled = newStage();
  for (let index = 0; index < 4; index += 1) {
    const response = await get(filled, { headers: { cookie: `_ga=GA1.${index}; session=${index}` } });
    expect(await response.json()).toEqual({ v: 1 });
  }
  expect(await (await get(filled)).json()).toEqual({ v: 1 });
  expect(filled.asked).toHaveLength(2);
  for (const { headers } of filled.asked) {
    expect(headers.has("cookie")).toBe(false);
    expect(headers.has("authorization")).toBe(false);
  }
});

test("each page is told what its own origin may read, whoever's request filled the memory", async () => {
  const filled = newStage();
  const from = (origin: string) => get(filled, { headers: { origin } });
  await from("https://tickets.example");
  await from("https://tickets.example");
  const allowed = (response: Response) => response.headers.get("access-control-allow-origin");
  expect(allowed(await get(filled))).toBeNull();
  expect(allowed(await from("https://evil.example"))).toBeNull();
  const other = await from("https://door.example");
  expect(allowed(other)).toBe("https://door.example");
  expect(other.headers.get("access-control-expose-headers")).toContain("ETag");
  expect(other.headers.get("access-control-allow-credentials")).toBe("true");
  expect((await get(filled)).headers.has("access-control-allow-credentials")).toBe(false);
  expect(filled.asked).toHaveLength(2);
});

test("behind the platform's own entry a crowd of requests is one request to the worker", async () => {
  const headers = answering({ headers: shared, body: { v: 1 } });
  const ask = (id: string) =>
    call("/v1/events/evt_entry/availability", { headers: { ...headers, "x-request-id": id } });
  expect(await (await ask(crypto.randomUUID())).json()).toEqual({ v: 1 });
  const ids = Array.from({ length: 20 }, () => crypto.randomUUID());
  for (const answer of await Promise.all(ids.map(ask))) expect(await answer.json()).toEqual({ v: 1 });
  const reached = await Promise.all(ids.map((id) => env.BOOKINGS.testSeen(id)));
  expect(reached.reduce((sum, count) => sum + count, 0)).toBe(1);
});
