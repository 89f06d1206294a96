import type { AuthenticatedKey, Revocation } from "@foyer/contracts/users/rpc";
import { createApp } from "@foyer/http/app";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { createLogger } from "@foyer/telemetry/logger";
import { expect, test } from "vitest";
import { createKeyRing } from "../src/key-ring.ts";
import { createKeySource } from "../src/key-source.ts";
import { type AuthDeps, authenticate } from "../src/middleware.ts";
import { createRevocations } from "../src/revocations.ts";
import { audience, newClock, newKeyPair, newPublisher, newSubject, sign } from "./support.ts";

const pair = await newKeyPair("current");

function newWorker() {
  const clock = newClock();
  const publisher = newPublisher(pair);
  let asked = 0;
  const source = createKeySource(publisher.fetchKeys, clock);
  const revoked: Revocation[] = [];
  const programs = new Map<string, AuthenticatedKey>();
  const peer = { isDown: false, questions: 0 };
  const deps: AuthDeps = {
    clock,
    tokens: audience,
    keys: (kid) => {
      asked += 1;
      return source(kid);
    },
    revocations: createRevocations(async (sequence) => {
      if (peer.isDown) throw new Error("users is away");
      return revoked.filter((entry) => entry.sequence > sequence);
    }, clock),
    keyRing: createKeyRing(async (key) => {
      peer.questions += 1;
      if (peer.isDown) throw new Error("users is away");
      const found = programs.get(key);
      return found === undefined ? null : { ...found, checkedAtMs: clock.nowMs() };
    }, clock),
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
    peer,
    programs,
    revoke: (subject: string, beforeMs = clock.nowMs()) =>
      void revoked.push({ sequence: revoked.length + 1, subject, beforeMs }),
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
  expect(lines.join("\n")).toContain("credentials cannot be checked");
  expect(lines.join("\n")).not.toContain(token);
});

const minute = 60_000;

test.each(["session", "user", "key", "impersonator"])(
  "what ends a %s early ends its tokens within a minute",
  async (what) => {
    const { get, clock, revoke } = newWorker();
    const subject = { ...newSubject(), sessionId: newId("session", 2), impersonatorId: newId("user", 3) };
    const header = `Bearer ${await sign(pair, clock.nowMs(), subject)}`;
    expect((await get(header)).status).toBe(200);
    const ended = {
      session: subject.sessionId,
      user: subject.userId,
      key: pair.kid,
      impersonator: subject.impersonatorId,
    };
    revoke(ended[what as keyof typeof ended]);
    clock.move(minute);
    const refused = await get(header);
    expect([refused.status, await codeOf(refused)]).toEqual([401, "auth.invalid_token"]);
    const later = `Bearer ${await sign(pair, clock.nowMs(), subject)}`;
    expect((await get(later)).status).toBe(200);
  },
);

test("what ended early stays ended while users is away, and everybody else goes on", async () => {
  const { get, clock, revoke, peer } = newWorker();
  const ended = { ...newSubject(), sessionId: newId("session", 4) };
  const [gone, good] = [await sign(pair, clock.nowMs(), ended), await sign(pair, clock.nowMs())];
  revoke(ended.sessionId);
  expect((await get(`Bearer ${gone}`)).status).toBe(401);
  peer.isDown = true;
  clock.move(10 * minute);
  expect((await get(`Bearer ${gone}`)).status).toBe(401);
  expect((await get(`Bearer ${good}`)).status).toBe(200);
});

test("an isolate that has never seen the list lets nobody in before it has", async () => {
  const { get, clock, peer } = newWorker();
  peer.isDown = true;
  const response = await get(`Bearer ${await sign(pair, clock.nowMs())}`);
  expect([response.status, await codeOf(response)]).toEqual([503, "platform.unavailable"]);
});

function newProgram(): { key: string; found: AuthenticatedKey } {
  const keyId = newId("apiKey", 1);
  const found: AuthenticatedKey = {
    keyId,
    organizationId: newId("organization", 1),
    scopes: ["events.read"],
    expiresAtMs: null,
    checkedAtMs: 0,
  };
  return { key: `fk_${keyId.slice(4)}_${"x".repeat(43)}`, found };
}

test("an API key makes its program the actor, and users is asked once in a while", async () => {
  const { get, programs, peer, clock } = newWorker();
  const { key, found } = newProgram();
  programs.set(key, found);
  for (let count = 0; count < 50; count += 1) {
    expect(await (await get(`Bearer ${key}`)).json()).toEqual({
      kind: "api_key",
      keyId: found.keyId,
      organizationId: found.organizationId,
      scopes: ["events.read"],
    });
  }
  expect(peer.questions).toBe(1);
  clock.move(limits.apiKeysKnownSeconds * 1000);
  await get(`Bearer ${key}`);
  expect(peer.questions).toBe(2);
});

test("a key that nobody has is refused, and so is one that was revoked, within a minute", async () => {
  const { get, programs, clock, revoke } = newWorker();
  const { key, found } = newProgram();
  expect((await get(`Bearer ${key}`)).status).toBe(401);
  clock.move(minute);
  programs.set(key, found);
  expect((await get(`Bearer ${key}`)).status).toBe(200);
  programs.delete(key);
  revoke(found.keyId);
  clock.move(limits.revocationsFreshSeconds * 1000 + 1);
  const refused = await get(`Bearer ${key}`);
  expect([refused.status, await codeOf(refused)]).toEqual([401, "auth.invalid_token"]);
});

test("a key ends at its own time, however lately it was asked for", async () => {
  const { get, programs, clock } = newWorker();
  const { key, found } = newProgram();
  programs.set(key, { ...found, expiresAtMs: clock.nowMs() + 5_000 });
  expect((await get(`Bearer ${key}`)).status).toBe(200);
  programs.delete(key);
  clock.move(5_000);
  expect((await get(`Bearer ${key}`)).status).toBe(401);
});
