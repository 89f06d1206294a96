import { env } from "cloudflare:workers";
import type { UserActor } from "@foyer/contracts/shared/actor";
import { decodeJwt } from "jose";
import { describe, expect, test } from "vitest";
import { createDeps, type Deps } from "../../src/deps.ts";
import { noClient } from "../../src/domain/client.ts";
import { impersonateUser } from "../../src/service/administration/impersonate-user.ts";
import { suspendUser } from "../../src/service/administration/suspend-user.ts";
import { eraseAccount } from "../../src/service/erasure/erase-account.ts";
import { confirmTotp } from "../../src/service/factors/confirm-totp.ts";
import { setUpTotp } from "../../src/service/factors/set-up-totp.ts";
import { verifyFactor } from "../../src/service/factors/verify-factor.ts";
import { changePassword } from "../../src/service/passwords/change-password.ts";
import { refreshSession } from "../../src/service/sessions/refresh-session.ts";
import { signIn } from "../../src/service/sessions/sign-in.ts";
import { anonymousCall, codeAt, newSecuredPerson, waitingSignIn } from "../support/factors.ts";
import { overtakenBy } from "../support/overtaken.ts";
import { newAdministrator, newVerifiedPerson, type Person, password } from "../support/people.ts";

/** The person themselves, just now. */
function own({ user }: Pick<Person, "user">) {
  const actor: UserActor = {
    kind: "user",
    userId: user.id,
    sessionId: "ses_00000000000000000000000000",
    emailVerified: true,
    platformAdmin: false,
    authenticatedAtMs: Date.now(),
    impersonatorId: null,
  };
  return { actor, requestId: "req_test", client: noClient };
}

/** As {@link own}, with an administrator's privileges. */
function administering(admin: Person) {
  const call = own(admin);
  return { ...call, actor: { ...call.actor, platformAdmin: true } };
}

async function openSessions({ user }: Pick<Person, "user">): Promise<number | undefined> {
  return (
    await env.USERS_DB.prepare("SELECT count(*) AS n FROM sessions WHERE user_id = ?1 AND ended_at_ms IS NULL")
      .bind(user.id)
      .first<{ n: number }>()
  )?.n;
}

/** {@link password} at a cost of long ago, at which nothing is stored any more: whoever signs in has it hashed anew. */
const outdatedHash = "$argon2id$v=19$m=64,t=1,p=1$BwcHBwcHBwcHBwcHBwcHBw$17PqqBc99Pgr6ekCRGKFsEo1qVdrfeGeL+4HQYD4jQk";

async function storeHash({ user }: Pick<Person, "user">, hash: string): Promise<void> {
  const { store, users } = createDeps(env);
  await store.commit([users.setPasswordHash(user.id, hash, Date.now())]);
}

const otherPassword = "battery staple correct";

/** What a mailed link does to a password, at the least. */
async function replacePassword(deps: Deps, { user }: Pick<Person, "user">): Promise<void> {
  const nowMs = Date.now();
  const { users, challenges, store } = deps;
  await store.commit([
    users.setPasswordHash(user.id, deps.passwords.hash(otherPassword), nowMs),
    users.touch(user.id, null, nowMs),
    challenges.endSignIns(user.id, nowMs),
  ]);
}

function signingIn(deps: Deps, { email }: Person, secret = password) {
  return signIn(deps, anonymousCall, { email, password: secret, mode: "bearer" });
}

describe("whoever is signing in by password at the moment when", () => {
  test("the account is suspended, is not let in", async () => {
    const [admin, person] = [await newAdministrator(), await newVerifiedPerson()];
    const overtaken = overtakenBy((deps) =>
      suspendUser(deps, administering(admin), { userId: person.user.id, reason: "Fraud" }),
    );
    expect(await signingIn(overtaken, person)).toMatchObject({ ok: false, error: { code: "users.suspended" } });
    expect(await openSessions(person)).toBe(0);
  });

  test("the password is replaced, has the wrong one by now, and does not bring it back", async () => {
    const person = await newVerifiedPerson();
    const before = await openSessions(person);
    await storeHash(person, outdatedHash);
    const overtaken = overtakenBy((deps) => replacePassword(deps, person));
    const result = await signingIn(overtaken, person);
    expect(result).toMatchObject({ ok: false, error: { code: "users.invalid_credentials" } });
    expect(await openSessions(person)).toBe(before);
    const late = await signingIn(createDeps(env), person, otherPassword);
    expect(late).toMatchObject({ ok: true, value: { kind: "signed_in" } });
  });

  test("a second factor is set up, is asked for it", async () => {
    const person = await newVerifiedPerson();
    const before = await openSessions(person);
    const overtaken = overtakenBy(async (deps) => {
      const made = await setUpTotp(deps, own(person));
      if (!made.ok) throw new Error(made.error.code);
      const confirmed = await confirmTotp(deps, own(person), { code: await codeAt(made.value.secret, Date.now()) });
      expect(confirmed.ok).toBe(true);
    });
    expect(await signingIn(overtaken, person)).toMatchObject({ ok: true, value: { kind: "second_factor" } });
    expect(await openSessions(person)).toBe(before);
  });

  test("the account is erased, finds none", async () => {
    const person = await newVerifiedPerson();
    const overtaken = overtakenBy((deps) => eraseAccount(deps, own(person)));
    const result = await signingIn(overtaken, person);
    expect(result).toMatchObject({ ok: false, error: { code: "users.invalid_credentials" } });
  });

  test("the profile is edited, is let in all the same", async () => {
    const person = await newVerifiedPerson();
    const overtaken = overtakenBy(({ store, users }) => store.commit([users.touch(person.user.id, null, Date.now())]));
    expect(await signingIn(overtaken, person)).toMatchObject({ ok: true, value: { kind: "signed_in" } });
  });
});

test("a second factor that is shown while the password is replaced lets nobody in", async () => {
  const person = await newSecuredPerson();
  const before = await openSessions(person);
  const token = await waitingSignIn(person);
  const code = await codeAt(person.secret, Date.now() + 30_000);
  const overtaken = overtakenBy((deps) => replacePassword(deps, person));
  const result = await verifyFactor(overtaken, anonymousCall, { token, code });
  expect(result).toMatchObject({ ok: false, error: { code: "users.challenge_invalid" } });
  expect(await openSessions(person)).toBe(before);
});

test("whoever changes a password that a mailed link replaces at the same moment does not replace it back", async () => {
  const person = await newVerifiedPerson();
  const overtaken = overtakenBy((deps) => replacePassword(deps, person));
  const input = { currentPassword: password, password: "a third one entirely" };
  const result = await changePassword(overtaken, own(person), input);
  expect(result).toMatchObject({ ok: false, error: { code: "users.invalid_credentials" } });
  expect(await signingIn(createDeps(env), person, otherPassword)).toMatchObject({ ok: true });
});

test("nobody is acted for who is suspended, or made an administrator, at the same moment", async () => {
  const admin = await newAdministrator();
  for (const change of ["suspended_at_ms = 1, version = version + 1", "platform_admin = 1, version = version + 1"]) {
    const person = await newVerifiedPerson();
    const overtaken = overtakenBy(() =>
      env.USERS_DB.prepare(`UPDATE users SET ${change} WHERE id = ?1`).bind(person.user.id).run(),
    );
    const input = { userId: person.user.id, reason: "Asked for" };
    const result = await impersonateUser(overtaken, administering(admin), input);
    expect([change, result]).toMatchObject([change, { ok: false, error: { code: "users.user_state" } }]);
  }
});

test("a token that was given out just before its session ended is void, though it bears a later date", async () => {
  const [admin, person] = [await newAdministrator(), await newVerifiedPerson()];
  const nowMs = Date.now() + 60_000;
  const at = (ms: number) => createDeps(env, { nowMs: () => ms });
  const refreshed = await refreshSession(at(nowMs + 2_000), anonymousCall, {
    refreshToken: person.session.refreshToken,
  });
  if (!refreshed.ok) throw new Error(refreshed.error.code);
  const suspended = await suspendUser(at(nowMs), administering(admin), { userId: person.user.id, reason: "Fraud" });
  expect(suspended.ok).toBe(true);
  const { sid, sub, iat } = decodeJwt(refreshed.value.tokens.accessToken);
  const issuedAtMs = (iat ?? 0) * 1000;
  expect(issuedAtMs).toBeGreaterThan(nowMs);
  const { revocations } = at(nowMs + 3_000).auth;
  await revocations.freshen();
  expect(revocations.covers([String(sub)], issuedAtMs)).toBe(true);
  expect(revocations.covers([String(sid)], issuedAtMs)).toBe(true);
});
