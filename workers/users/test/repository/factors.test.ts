import { env } from "cloudflare:workers";
import { sha256Hex } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import { expect, test } from "vitest";
import { createDeps } from "../../src/deps.ts";
import { addPasskey, newSecuredPerson, sessionOf, waitingSignIn } from "../support/factors.ts";
import { newVerifiedPerson } from "../support/people.ts";
import { stopClock } from "../support/time.ts";

stopClock();
const deps = createDeps(env);
const { store } = deps;
const answersMax = limits.challengeFailuresMax;

test("a session that ended after it was looked at is not made fresh", async () => {
  const id = sessionOf(await newVerifiedPerson());
  const nowMs = Date.now();
  await store.commit([deps.sessions.end(id, "ended", nowMs)]);
  expect(await store.commit([deps.sessions.setAuthenticated(id, nowMs)], ["session_over"])).toBe("session_over");
});

test("a sign-in that was ended after its challenge was looked at opens nothing", async () => {
  const { user } = await newSecuredPerson();
  const hash = await sha256Hex(await waitingSignIn({ user }));
  const nowMs = Date.now();
  expect(await deps.challenges.find(hash, "second_factor", answersMax, nowMs)).toMatchObject({ isOver: false });
  await store.commit([deps.challenges.endSignIns(user.id, nowMs)]);
  expect(await store.commit([deps.challenges.use(hash, nowMs)], ["challenge_used"])).toBe("challenge_used");
  expect(await deps.challenges.countAnswer(hash, answersMax)).toBe(false);
  expect(await deps.challenges.find(hash, "second_factor", answersMax, nowMs)).toMatchObject({ isOver: true });
});

test("ending one person's sign-ins ends nobody else's, and no passkey's challenge", async () => {
  const [one, other] = [await newSecuredPerson(), await newSecuredPerson()];
  const nowMs = Date.now();
  const hash = await sha256Hex(await waitingSignIn(other));
  const registration = { hash: crypto.randomUUID(), kind: "passkey_registration", userId: one.user.id } as const;
  await store.commit([
    deps.challenges.insert({ ...registration, method: null, mode: null, expiresAtMs: nowMs + 1_000 }),
    deps.challenges.endSignIns(one.user.id, nowMs),
  ]);
  expect(await deps.challenges.find(hash, "second_factor", answersMax, nowMs)).toMatchObject({ isOver: false });
  expect(await deps.challenges.take(registration.hash, registration.kind, nowMs)).toMatchObject(registration);
});

test("an app that took another's place is not confirmed by the other's code, and a confirmed one is not replaced", async () => {
  const { user } = await newVerifiedPerson();
  const nowMs = Date.now();
  await store.commit([deps.factors.putTotp(user.id, "first", nowMs)]);
  await store.commit([deps.factors.putTotp(user.id, "second", nowMs)], ["totp_changed"]);
  const confirm = (secret: string) =>
    store.commit([deps.factors.confirmTotp(user.id, secret, nowMs)], ["totp_changed"]);
  expect([await confirm("first"), await confirm("second"), await confirm("second")]).toEqual([
    "totp_changed",
    "committed",
    "totp_changed",
  ]);
  const replaced = await store.commit([deps.factors.putTotp(user.id, "third", nowMs)], ["totp_changed"]);
  expect(replaced).toBe("totp_changed");
  expect(await deps.factors.findTotp(user.id)).toMatchObject({ secret: "second", confirmedAtMs: nowMs });
});

test("recovery codes that come after their app was removed are not kept, and the earlier ones stay gone", async () => {
  const { user } = await newSecuredPerson();
  await store.commit(deps.factors.removeTotp(user.id));
  const late = await store.commit(deps.factors.putRecoveryCodes(user.id, ["a", "b"]), ["totp_absent"]);
  expect(late).toBe("totp_absent");
  expect(await deps.factors.count(user.id)).toEqual({ totp: false, passkeys: 0, recoveryCodesLeft: 0 });
});

test("a passkey's count goes upwards or stays at nought", async () => {
  const passkey = await addPasskey(await newVerifiedPerson());
  const use = (counter: number) =>
    store.commit([deps.passkeys.use(passkey.id, counter, true, Date.now())], ["passkey_counter"]);
  const counts = [0, 0, 3, 3, 2, 0, 4];
  const outcomes: string[] = [];
  for (const counter of counts) outcomes.push(await use(counter));
  expect(outcomes).toEqual([
    "committed",
    "committed",
    "committed",
    "passkey_counter",
    "passkey_counter",
    "passkey_counter",
    "committed",
  ]);
});
