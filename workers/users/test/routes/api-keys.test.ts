import { env } from "cloudflare:workers";
import { createAuth } from "@foyer/auth/auth";
import { actorOf } from "@foyer/auth/middleware";
import { keyScopes, type Permission, permissions } from "@foyer/contracts/shared/permissions";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { createLogger } from "@foyer/telemetry/logger";
import { testAudience } from "@foyer/testing/tokens";
import { afterEach, expect, test, vi } from "vitest";
import { type Account, type House, type KeyBody, newHouse, newKey, newMember, trailOf } from "../support/house.ts";
import { expectProblem, send, usersRpc } from "../support/people.ts";

afterEach(() => void vi.restoreAllMocks());

const create = (house: House, body: object, headers: Record<string, string> = {}) =>
  send("POST", `${house.path}/api-keys`, body, { ...house.owner.headers, ...headers });
const read = (house: House, id: string, headers: Record<string, string> = {}) =>
  send("GET", `${house.path}/api-keys/${id}`, undefined, { ...house.owner.headers, ...headers });
const rename = (house: House, id: string, name: string, headers: Record<string, string> = {}) =>
  send("PATCH", `${house.path}/api-keys/${id}`, { name }, { ...house.owner.headers, ...headers });
const revoke = (house: House, id: string, headers: Record<string, string> = {}) =>
  send("DELETE", `${house.path}/api-keys/${id}`, undefined, { ...house.owner.headers, ...headers });
const rotate = (house: House, id: string, body: object = {}, headers: Record<string, string> = {}) =>
  send("POST", `${house.path}/api-keys/${id}/rotate`, body, { ...house.owner.headers, ...headers });
const opens = async (secret: string): Promise<boolean> => (await usersRpc.authenticateKey({ key: secret })) !== null;
const revocationsOf = (id: string) =>
  env.USERS_DB.prepare("SELECT count(*) AS rows FROM revocations WHERE subject = ?1").bind(id).first<number>("rows");
/** Moves the worker's clock. */
const advance = (seconds: number) => void vi.spyOn(Date, "now").mockReturnValue(Date.now() + seconds * 1000);

/** Another worker, which asks this one who calls and remembers the answer; its clock can be moved. */
function newPeer() {
  let laterMs = 0;
  const auth = createAuth(usersRpc, testAudience, { nowMs: () => Date.now() + laterMs });
  return {
    lets: async (secret: string) => (await actorOf(`Bearer ${secret}`, auth, createLogger("peer"))).ok,
    wait(seconds: number) {
      laterMs += seconds * 1000;
    },
  };
}
const good = { name: "Box office", scopes: ["orders.read"] };

test("a key is shown whole once, opens what its scopes say, and is known by its prefix afterwards", async () => {
  const house = await newHouse();
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const response = await create(house, { name: " Box office ", scopes: ["orders.read", "events.read"], expiresAt });
  expect(response.status).toBe(201);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("etag")).toBe('"1.0"');
  const { apiKey, secret } = await response.json<KeyBody>();
  expect(apiKey).toEqual({
    id: expect.stringMatching(/^key_/),
    name: "Box office",
    prefix: `fk_${apiKey.id.slice(4)}`,
    scopes: ["orders.read", "events.read"],
    createdBy: house.owner.userId,
    createdAt: expect.stringMatching(/Z$/),
    rotatedAt: null,
    lastUsedAt: null,
    expiresAt,
  });
  expect(secret.startsWith(`${apiKey.prefix}_`)).toBe(true);
  expect(await usersRpc.authenticateKey({ key: secret })).toMatchObject({
    keyId: apiKey.id,
    organizationId: house.id,
    scopes: ["orders.read", "events.read"],
    expiresAtMs: Date.parse(expiresAt),
  });
  const later = await (await read(house, apiKey.id)).text();
  expect(later).not.toContain(secret.slice(-43));
  const list = await send("GET", `${house.path}/api-keys`, undefined, house.owner.headers);
  expect(await list.json()).toMatchObject({ data: [{ id: apiKey.id, prefix: apiKey.prefix }], nextCursor: null });
});

test("a secret is in no table, no line of the log and no kept answer", async () => {
  const lines: string[] = [];
  for (const level of ["debug", "info", "warn", "error", "log"] as const) {
    vi.spyOn(console, level).mockImplementation((...parts) => void lines.push(parts.join(" ")));
  }
  const house = await newHouse();
  const key = { "idempotency-key": crypto.randomUUID() };
  const made = await (await create(house, good, key)).json<KeyBody>();
  const rotated = await (await rotate(house, made.apiKey.id, {}, key)).json<KeyBody>();
  const authorization = `Bearer ${rotated.secret}`;
  await send("GET", `${house.path}/audit`, undefined, { authorization });
  await send("GET", `${house.path}/audit`, undefined, { authorization: `${authorization}x` });
  const { results: tables } = await env.USERS_DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%'",
  ).all<{ name: string }>();
  expect(tables.length).toBeGreaterThan(15);
  for (const { secret } of [made, rotated]) {
    const part = secret.slice(-43);
    for (const { name } of tables) {
      const { results } = await env.USERS_DB.prepare(`SELECT * FROM ${name}`).all();
      expect([name, JSON.stringify(results).includes(part)]).toEqual([name, false]);
    }
    expect(lines.join("\n")).not.toContain(part);
  }
});

test("an idempotency key keeps no answer with a secret: each call makes a key of its own", async () => {
  const house = await newHouse();
  const key = { "idempotency-key": crypto.randomUUID() };
  const [first, second] = [await create(house, good, key), await create(house, good, key)];
  expect(second.headers.get("idempotent-replayed")).toBeNull();
  const ids = await Promise.all([first, second].map(async (response) => (await response.json<KeyBody>()).apiKey.id));
  expect(new Set(ids).size).toBe(2);
});

test.each(keyScopes)("a key with the scope %s may do that and nothing else", async (scope) => {
  const house = await newHouse();
  const { apiKey } = await newKey(house, { scopes: [scope] });
  const actor = { kind: "api_key", keyId: apiKey.id, organizationId: house.id, scopes: [scope] } as const;
  const granted: Permission[] = [];
  for (const permission of permissions) {
    const call = { actor: { ...actor, scopes: [...actor.scopes] }, requestId: "req_test" };
    const result = await usersRpc.authorize(call, { organizationId: house.id, permission });
    if (result.ok) granted.push(permission);
    else expect(result.error.code).toBe("auth.forbidden");
  }
  expect(granted).toEqual([scope]);
});

test.each(permissions.filter((permission) => !keyScopes.some((scope) => scope === permission)))(
  "no key can have the scope %s",
  async (scope) => {
    const house = await newHouse();
    const response = await create(house, { name: "Box office", scopes: ["orders.read", scope] });
    const problem = await expectProblem(response, 422, "request.invalid");
    expect(problem.errors).toMatchObject([{ path: "scopes.1" }]);
  },
);

test.each([
  ["no name", { scopes: ["orders.read"] }, "name"],
  ["an empty name", { name: " ", scopes: ["orders.read"] }, "name"],
  ["no scopes", { name: "Till", scopes: [] }, "scopes"],
  ["a scope twice", { name: "Till", scopes: ["orders.read", "orders.read"] }, "scopes"],
  ["an unknown scope", { name: "Till", scopes: ["everything"] }, "scopes.0"],
  ["an expiry in the past", { ...good, expiresAt: "2020-01-01T00:00:00Z" }, "expiresAt"],
  ["an expiry that is none", { ...good, expiresAt: "tomorrow" }, "expiresAt"],
])("a key with %s is refused", async (_, body, path) => {
  const house = await newHouse();
  const problem = await expectProblem(await create(house, body), 422, "request.invalid");
  expect(problem.errors?.map((fault) => fault.path)).toContain(path);
  expect(await trailOf(house)).toEqual([]);
});

test("a house has only so many keys, also when asking at once; others' do not count", async () => {
  const house = await newHouse();
  for (const [owner, count] of [
    [house.id, limits.apiKeysPerOrganizationMax - 1],
    [(await newHouse()).id, limits.apiKeysPerOrganizationMax],
  ] as const) {
    const ids = JSON.stringify(Array.from({ length: count }, () => newId("apiKey", 1)));
    await env.USERS_DB.prepare(
      "INSERT INTO api_keys (id, organization_id, name, scopes, hash, created_at_ms) SELECT value, ?2, 'x', '[]', 'x', 0 FROM json_each(?1)",
    )
      .bind(ids, owner)
      .run();
  }
  const answers = await Promise.all(Array.from({ length: 3 }, () => create(house, good)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  await expectProblem(await create(house, good), 409, "users.api_key_limit");
});

test("a key that has run out opens nothing", async () => {
  const house = await newHouse();
  const { secret } = await newKey(house, { expiresAt: new Date(Date.now() + 60_000).toISOString() });
  expect(await opens(secret)).toBe(true);
  advance(61);
  expect(await opens(secret)).toBe(false);
});

test("the last use of a key is noted to the minute", async () => {
  const house = await newHouse();
  const { apiKey, secret } = await newKey(house);
  await opens(secret);
  const used = async () => (await (await read(house, apiKey.id)).json<KeyBody["apiKey"]>()).lastUsedAt;
  const first = await used();
  expect(Date.now() - Date.parse(first ?? "")).toBeLessThan(10_000);
  await opens(secret);
  expect(await used()).toBe(first);
  advance(limits.apiKeyUseNotedSeconds + 1);
  await opens(secret);
  expect(Date.parse((await used()) ?? "")).toBeGreaterThan(Date.parse(first ?? ""));
});

test("a revoked key opens nothing, its revocation is published, and it is gone from the list", async () => {
  const house = await newHouse();
  const { apiKey, secret } = await newKey(house);
  const peer = newPeer();
  expect(await peer.lets(secret)).toBe(true);
  expect((await revoke(house, apiKey.id)).status).toBe(204);
  expect(await opens(secret)).toBe(false);
  const published = await usersRpc.getRevocations({ after: 0 });
  expect(published.filter(({ subject }) => subject === apiKey.id)).toHaveLength(1);
  // Where it is remembered, it is refused as soon as the list of what has ended is looked at again.
  peer.wait(limits.revocationsFreshSeconds + 1);
  expect(await peer.lets(secret)).toBe(false);
  await expectProblem(await read(house, apiKey.id), 404, "users.api_key_not_found");
  await expectProblem(await revoke(house, apiKey.id), 404, "users.api_key_not_found");
  expect((await trailOf(house)).map(({ action, targetId }) => [action, targetId])).toEqual([
    ["api_key.created", apiKey.id],
    ["api_key.revoked", apiKey.id],
  ]);
});

test("a rotated key has a new secret, and the old one works on for the overlap", async () => {
  const house = await newHouse();
  const { apiKey, secret } = await newKey(house);
  const response = await rotate(house, apiKey.id, { overlapSeconds: 60 });
  expect(response.status).toBe(200);
  const rotated = await response.json<KeyBody>();
  expect(rotated.apiKey).toMatchObject({ id: apiKey.id, prefix: apiKey.prefix, rotatedAt: expect.any(String) });
  expect(rotated.secret).not.toBe(secret);
  expect([await opens(secret), await opens(rotated.secret)]).toEqual([true, true]);
  expect(await revocationsOf(apiKey.id)).toBe(0);
  advance(61);
  expect([await opens(secret), await opens(rotated.secret)]).toEqual([false, true]);
});

test("rotated without an overlap, the old secret opens nothing and its revocation is published", async () => {
  const house = await newHouse();
  const { apiKey, secret } = await newKey(house);
  const peer = newPeer();
  expect(await peer.lets(secret)).toBe(true);
  const rotated = await (await rotate(house, apiKey.id, { overlapSeconds: 0 })).json<KeyBody>();
  expect([await opens(secret), await opens(rotated.secret)]).toEqual([false, true]);
  expect(await revocationsOf(apiKey.id)).toBe(1);
  peer.wait(limits.revocationsFreshSeconds + 1);
  expect([await peer.lets(secret), await peer.lets(rotated.secret)]).toEqual([false, true]);
  expect((await trailOf(house)).at(-1)).toMatchObject({ action: "api_key.rotated", after: { overlapSeconds: 0 } });
});

test("rotated twice, a key has two secrets and no third", async () => {
  const house = await newHouse();
  const { apiKey, secret: first } = await newKey(house);
  const { secret: second } = await (await rotate(house, apiKey.id)).json<KeyBody>();
  const { secret: third } = await (await rotate(house, apiKey.id)).json<KeyBody>();
  expect([await opens(first), await opens(second), await opens(third)]).toEqual([false, true, true]);
});

test("of two rotations at once each has a secret that opens the key, until the overlap ends", async () => {
  const house = await newHouse();
  const { apiKey } = await newKey(house);
  const answers = await Promise.all([rotate(house, apiKey.id), rotate(house, apiKey.id)]);
  for (const response of answers) {
    expect(response.status).toBe(200);
    expect(await opens((await response.json<KeyBody>()).secret)).toBe(true);
  }
});

test("of two rotations of one version at once exactly one is made", async () => {
  const house = await newHouse();
  const { apiKey } = await newKey(house);
  const known = { "if-match": '"1.0"' };
  const answers = await Promise.all([rotate(house, apiKey.id, {}, known), rotate(house, apiKey.id, {}, known)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 412]);
});

test("a key that is revoked three times at once is revoked once, by the trail as well", async () => {
  const house = await newHouse();
  const { apiKey } = await newKey(house);
  const answers = await Promise.all(Array.from({ length: 3 }, () => revoke(house, apiKey.id)));
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 404, 404]);
  expect((await trailOf(house)).map(({ action }) => action)).toEqual(["api_key.created", "api_key.revoked"]);
});

test("a key that is rotated and revoked at once opens nothing afterwards", async () => {
  const house = await newHouse();
  const { apiKey, secret } = await newKey(house);
  const [rotated, revoked] = await Promise.all([rotate(house, apiKey.id), revoke(house, apiKey.id)]);
  expect(revoked.status).toBe(204);
  expect([200, 404]).toContain(rotated.status);
  expect(await opens(secret)).toBe(false);
  if (rotated.ok) expect(await opens((await rotated.json<KeyBody>()).secret)).toBe(false);
});

test.each([
  [{ overlapSeconds: -1 }],
  [{ overlapSeconds: 1.5 }],
  [{ overlapSeconds: limits.apiKeyOverlapSecondsMax + 1 }],
])("an overlap of %j is refused", async (body) => {
  const house = await newHouse();
  const { apiKey, secret } = await newKey(house);
  await expectProblem(await rotate(house, apiKey.id, body), 422, "request.invalid");
  expect(await opens(secret)).toBe(true);
});

test("a key is changed by its version; that it is used meanwhile is no change, but is shown", async () => {
  const house = await newHouse();
  const { apiKey, secret } = await newKey(house);
  const etag = (await read(house, apiKey.id)).headers.get("etag") ?? "";
  expect((await read(house, apiKey.id, { "if-none-match": etag })).status).toBe(304);
  await opens(secret);
  const used = await read(house, apiKey.id, { "if-none-match": etag });
  expect(used.status).toBe(200);
  expect(used.headers.get("etag")).toMatch(/^"1\.\d{13}"$/);

  const renamed = await rename(house, apiKey.id, "Till", { "if-match": etag });
  expect(renamed.status).toBe(200);
  expect(await renamed.json()).toMatchObject({ name: "Till" });
  const stale = { "if-match": etag };
  for (const response of [
    await rename(house, apiKey.id, "Door", stale),
    await rotate(house, apiKey.id, {}, stale),
    await revoke(house, apiKey.id, stale),
  ]) {
    await expectProblem(response, 412, "request.precondition_failed");
  }
  expect((await revoke(house, apiKey.id, { "if-match": renamed.headers.get("etag") ?? "" })).status).toBe(204);
  expect(await trailOf(house)).toMatchObject([
    { action: "api_key.created", after: { name: "Box office", scopes: ["orders.read"], expiresAt: null } },
    { action: "api_key.renamed", before: { name: "Box office" }, after: { name: "Till" } },
    { action: "api_key.revoked", before: { name: "Till", scopes: ["orders.read"] } },
  ]);
});

test("renaming a key to what it is called changes nothing", async () => {
  const house = await newHouse();
  const { apiKey } = await newKey(house);
  const response = await rename(house, apiKey.id, apiKey.name);
  expect(response.headers.get("etag")).toBe('"1.0"');
  const empty = await send("PATCH", `${house.path}/api-keys/${apiKey.id}`, {}, house.owner.headers);
  expect(await empty.json()).toMatchObject({ name: apiKey.name });
  expect((await trailOf(house)).map(({ action }) => action)).toEqual(["api_key.created"]);
});

test("a key goes on when whoever made it leaves, and belongs to the house", async () => {
  const house = await newHouse();
  const admin = await newMember(house, "admin");
  const { secret } = await newKey(house, {}, admin satisfies Account);
  await send("DELETE", `${house.path}/members/${admin.memberId}`, undefined, admin.headers);
  expect(await opens(secret)).toBe(true);
});

test("an admin who is taken the role while making a key makes none, or had it still", async () => {
  const house = await newHouse();
  const admin = await newMember(house, "admin");
  const [made, demoted] = await Promise.all([
    send("POST", `${house.path}/api-keys`, good, admin.headers),
    send("PATCH", `${house.path}/members/${admin.memberId}`, { role: "door" }, house.owner.headers),
  ]);
  expect(demoted.status).toBe(200);
  expect([201, 403]).toContain(made.status);
  const actions = (await trailOf(house)).map(({ action }) => action);
  expect(actions).toEqual(made.ok ? ["api_key.created", "member.role_changed"] : ["member.role_changed"]);
});
