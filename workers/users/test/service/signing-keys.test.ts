import { env, exports } from "cloudflare:workers";
import { verifyAccessToken } from "@foyer/auth/access-token";
import { createKeySource } from "@foyer/auth/key-source";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { testSigningJwk } from "@foyer/testing/signing-key";
import { decodeProtectedHeader } from "jose";
import { beforeEach, expect, test } from "vitest";
import { createVault } from "../../src/clients/vault.ts";
import { createDeps } from "../../src/deps.ts";
import { retiredAt, signerAt } from "../../src/domain/signing-keys.ts";
import { rotateSigningKeys } from "../../src/service/keys/rotate-signing-keys.ts";

const audience = { issuer: "https://foyer.local", audience: "foyer" };
const subject = {
  userId: newId("user", 1),
  sessionId: "ses_1",
  emailVerified: true,
  platformAdmin: false,
  authenticatedAtMs: 1_000,
  impersonatorId: null,
};
const ttlMs = limits.accessTokenTtlSeconds * 1000;
const leadMs = limits.signingKeyLeadSeconds * 1000;

/** The worker with a clock of its own, and another worker that verifies what it signs. */
function newWorld() {
  let nowMs = Date.now();
  const clock = { nowMs: () => nowMs };
  const deps = createDeps(env, clock);
  const peer = createKeySource(() => deps.signer.publicKeys(), clock);
  return {
    deps,
    pass: (milliseconds: number) => {
      nowMs += milliseconds;
    },
    nowMs: () => nowMs,
    sign: () => deps.signer.sign(subject, nowMs),
    isValid: async (token: string) => {
      const verified = await verifyAccessToken(token, { ...audience, keys: peer, nowMs });
      await deps.auth.revocations.freshen();
      return verified !== null && !deps.auth.revocations.covers([verified.kid], verified.issuedAtMs);
    },
    kids: async () => (await deps.signer.publicKeys()).keys.map(({ kid }) => kid),
    order: (action: string, kid: string | null = null) =>
      env.USERS_DB.prepare("INSERT INTO signing_key_orders (action, kid) VALUES (?1, ?2)").bind(action, kid).run(),
    clockwork: () => rotateSigningKeys(deps, "req_test"),
  };
}

beforeEach(async () => {
  await env.USERS_DB.batch([
    env.USERS_DB.prepare("DELETE FROM signing_keys"),
    env.USERS_DB.prepare("DELETE FROM signing_key_orders"),
    env.USERS_DB.prepare("DELETE FROM revocations"),
  ]);
});

test("a deployment without a key makes its first, one for all who ask at once", async () => {
  const worlds = [newWorld(), newWorld(), newWorld()];
  const tokens = await Promise.all(worlds.map(({ sign }) => sign()));
  expect(new Set(tokens.map((token) => decodeProtectedHeader(token).kid)).size).toBe(1);
});

test("rotation signs nobody out: each token is valid everywhere for its fifteen minutes", async () => {
  const world = newWorld();
  const issued: { token: string; atMs: number }[] = [];
  const kids = new Set<unknown>();
  await world.sign();
  await world.order("rotate");
  // Two hours, a minute at a time, as the clockwork goes; every minute somebody signs in and everybody is looked at.
  for (let minute = 0; minute < 120; minute += 1) {
    await world.clockwork();
    const token = await world.sign();
    kids.add(decodeProtectedHeader(token).kid);
    issued.push({ token, atMs: world.nowMs() });
    for (const each of issued) {
      if (world.nowMs() - each.atMs < ttlMs) expect(await world.isValid(each.token)).toBe(true);
    }
    world.pass(60_000);
  }
  expect(kids.size).toBe(2);
  expect(await world.kids()).toHaveLength(1);
});

test("a new key is published before it signs", async () => {
  const world = newWorld();
  const before = decodeProtectedHeader(await world.sign()).kid;
  await world.order("rotate");
  await world.clockwork();
  expect(await world.kids()).toHaveLength(2);
  expect(decodeProtectedHeader(await world.sign()).kid).toBe(before);
  world.pass(leadMs - 1_000);
  expect(decodeProtectedHeader(await world.sign()).kid).toBe(before);
  world.pass(1_000);
  expect(decodeProtectedHeader(await world.sign()).kid).not.toBe(before);
});

test("a key that leaked is withdrawn: its tokens are refused, others are not, and another signs at once", async () => {
  const world = newWorld();
  const leaked = await world.sign();
  const { kid = "" } = decodeProtectedHeader(leaked);
  expect(await world.isValid(leaked)).toBe(true);
  await world.order("withdraw", kid);
  await world.clockwork();
  world.pass(limits.revocationsFreshSeconds * 1000 + 1);
  expect(await world.isValid(leaked)).toBe(false);
  expect(await world.kids()).not.toContain(kid);
  const next = await world.sign();
  expect(decodeProtectedHeader(next).kid).not.toBe(kid);
  expect(await world.isValid(next)).toBe(true);
  const { results } = await env.USERS_DB.prepare("SELECT action FROM audit WHERE target_id = ?1").bind(kid).all();
  expect(results).toContainEqual({ action: "signing_key.withdrawn" });
});

test("a key is replaced when it is old, without anybody's asking", async () => {
  const world = newWorld();
  await world.sign();
  await world.clockwork();
  expect(await world.kids()).toHaveLength(1);
  world.pass(limits.signingKeyDaysMax * 86_400_000 + 1);
  await world.clockwork();
  expect(await world.kids()).toHaveLength(2);
});

test("an order is carried out once", async () => {
  const world = newWorld();
  await world.sign();
  await world.order("rotate");
  for (let round = 0; round < 3; round += 1) await world.clockwork();
  expect(await world.kids()).toHaveLength(2);
});

test("the database holds no private key that it opens by itself", async () => {
  const world = newWorld();
  await world.sign();
  const row = await env.USERS_DB.prepare("SELECT kid, private_key AS sealed FROM signing_keys").first<{
    kid: string;
    sealed: string;
  }>();
  const { kid = "", sealed = "" } = row ?? {};
  const vault = createVault(env.ENCRYPTION_KEYS);
  expect(await vault.open(sealed, `signing_keys ${kid}`)).toMatch(/^[\w-]{43}$/);
  await expect(vault.open(sealed, "signing_keys another")).rejects.toThrow();
  const stranger = createVault(JSON.stringify([{ id: "test", key: "B".repeat(43) }]));
  await expect(stranger.open(sealed, `signing_keys ${kid}`)).rejects.toThrow();
});

test("what the first of the keys sealed opens when another has been put in front", async () => {
  const old = { id: "old", key: "A".repeat(43) };
  const next = { id: "next", key: "B".repeat(43) };
  const sealed = await createVault(JSON.stringify([old])).seal("a text", "a place");
  const rotated = createVault(JSON.stringify([next, old]));
  expect(await rotated.open(sealed, "a place")).toBe("a text");
  expect(await rotated.seal("a text", "a place")).toMatch(/^next\./);
});

test.each([
  ["absent", undefined],
  ["no JSON", "super-secret-text"],
  ["an empty list", "[]"],
  ["a short key", JSON.stringify([{ id: "a", key: "c3VwZXItc2VjcmV0LXRleHQ" }])],
  ["one id twice", JSON.stringify(Array(2).fill({ id: "a", key: "A".repeat(43) }))],
])("a secret that is %s is a fault that does not quote it", async (_, secret) => {
  const vault = createVault(secret);
  const message = await vault.seal("text", "place").then(() => "sealed", String);
  expect(message).toMatch(/ENCRYPTION_KEYS/);
  for (const part of ["super-secret-text", "c3VwZXItc2VjcmV0LXRleHQ", "A".repeat(43)])
    expect(message).not.toContain(part);
});

test("readiness fails where nothing can be signed", async () => {
  await env.USERS_DB.prepare(
    "INSERT INTO signing_keys (kid, public_key, private_key, created_at_ms, activates_at_ms) VALUES ('bad', ?1, 'lost.AAAA.AAAA', 0, 1)",
  )
    .bind(testSigningJwk.x)
    .run();
  const { deps } = newWorld();
  expect(await deps.health()).toMatchObject({ status: "failing" });
  const published = await exports.default.fetch("https://users/.well-known/jwks.json");
  expect(published.status).toBe(200);
});

test("of keys that took over at one moment the same one signs everywhere, and the last key never retires", () => {
  const key = (kid: string, activatesAtMs: number) => ({ kid, publicKey: "", createdAtMs: 0, activatesAtMs });
  const keys = [key("b", 5), key("a", 5), key("later", 50)];
  expect(signerAt(keys, 10)?.kid).toBe(signerAt(keys.toReversed(), 10)?.kid);
  expect(signerAt(keys, 4)).toBeNull();
  expect(retiredAt([key("only", 0)], Number.MAX_SAFE_INTEGER)).toEqual([]);
});
