import { createApp } from "@foyer/http/app";
import { limits } from "@foyer/kernel/limits";
import { createLogger } from "@foyer/telemetry/logger";
import { expect, test } from "vitest";
import { createKeySource } from "../src/key-source.ts";
import { type AuthDeps, authenticate } from "../src/middleware.ts";
import { audience, newClock, newKeyPair, newPublisher, newSubject, sign } from "./support.ts";

const pair = await newKeyPair("current");

function newWorker() {
  const clock = newClock();
  const publisher = newPublisher(pair);
  let asked = 0;
  const source = createKeySource(publisher.fetchKeys, clock);
  const deps: AuthDeps = {
    clock,
    tokens: audience,
    keys: (kid) => {
      asked += 1;
      return source(kid);
    },
  };
  const lines: string[] = [];
  const app = createApp<AuthDeps>({
    errors: {},
    provide: () => deps,
    logger: createLogger("test", { write: (line) => void lines.push(line) }),
  });
  app.use(
    "*",
    authenticate<AuthDeps>((given) => given),
  );
  app.get("/", (c) => c.json(c.get("actor")));
  return {
    clock,
    publisher,
    lines,
    asked: () => asked,
    get: async (authorization?: string) =>
      app.request("https://test/", { headers: authorization === undefined ? {} : { authorization } }),
  };
}

async function codeOf(response: Response): Promise<string> {
  return (await response.json<{ code: string }>()).code;
}

test("a valid token makes its bearer the actor", async () => {
  const { get, clock } = newWorker();
  const subject = newSubject();
  for (const scheme of ["Bearer", "bearer", "BEARER"]) {
    const response = await get(`${scheme} ${await sign(pair, clock.nowMs(), subject)}`);
    expect(await response.json()).toEqual({ kind: "user", ...subject });
  }
});

test("no header leaves the caller anonymous", async () => {
  expect(await (await newWorker().get()).json()).toEqual({ kind: "anonymous" });
});

test.each([
  "",
  "Bearer",
  "Bearer ",
  "Basic dXNlcjpwYXNz",
  "Bearer a b",
  "Bearer \u00fc",
  `Bearer ${"x".repeat(4_097)}`,
  "token",
])("the header %j is refused, not overlooked", async (header) => {
  const response = await newWorker().get(header);
  expect([response.status, await codeOf(response)]).toEqual([401, "auth.invalid_token"]);
  expect(response.headers.get("www-authenticate")).toBe("Bearer");
});

test("a token is verified once an isolate, and still expires on time", async () => {
  const { get, clock, asked } = newWorker();
  const header = `Bearer ${await sign(pair, clock.nowMs())}`;
  for (let count = 0; count < 5; count += 1) expect((await get(header)).status).toBe(200);
  expect(asked()).toBe(1);
  clock.move(limits.accessTokenTtlSeconds * 1000);
  const late = await get(header);
  expect([late.status, await codeOf(late)]).toEqual([401, "auth.invalid_token"]);
});

test("when the keys cannot be had the answer is to try again, and the token is in no log line", async () => {
  const { get, clock, publisher, lines } = newWorker();
  publisher.broken = true;
  const token = await sign(pair, clock.nowMs());
  const response = await get(`Bearer ${token}`);
  expect([response.status, await codeOf(response)]).toEqual([503, "platform.unavailable"]);
  expect(response.headers.get("retry-after")).toBe("2");
  expect(lines.join("\n")).toContain("signing keys unavailable");
  expect(lines.join("\n")).not.toContain(token);
});
