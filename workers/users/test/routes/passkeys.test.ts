import { env } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { makePasskey } from "../support/authenticator.ts";
import { deployment } from "../support/deployment.ts";
import {
  addIdentity,
  addPasskey,
  auditActions,
  creationOptions,
  impersonatorHeaders,
  newSecuredPerson,
  removePassword,
  requestOptions,
  signInBy,
  staleHeaders,
} from "../support/factors.ts";
import { expectProblem, newPerson, newVerifiedPerson, noticesTo, type Person, send } from "../support/people.ts";
import { stopClock } from "../support/time.ts";

const { pass } = stopClock();
const path = "/v1/users/profile/passkeys";
const register = (headers: Record<string, string>, response: object, name: unknown = "Laptop") =>
  send("POST", "/v1/auth/passkeys/register/verify", { name, response }, headers);
const remove = (id: string, headers: Record<string, string>) => send("DELETE", `${path}/${id}`, undefined, headers);
const listed = async ({ headers }: Pick<Person, "headers">, query = "") =>
  (await send("GET", `${path}${query}`, undefined, headers)).json<{
    data: { id: string; name: string; synced: boolean; createdAt: string; lastUsedAt: string | null }[];
    nextCursor: string | null;
  }>();

test("the options for a new passkey ask for one that needs no name and proves its owner, and say nothing personal in its handle", async () => {
  const person = await newVerifiedPerson();
  const known = await addPasskey(person);
  const options = await creationOptions(person);
  expect(options).toMatchObject({
    rp: { id: "localhost", name: "localhost" },
    user: { name: person.email, displayName: "Buyer One" },
    challenge: expect.stringMatching(/^[\w-]{43}$/),
    pubKeyCredParams: [-8, -7, -257].map((alg) => ({ alg, type: "public-key" })),
    attestation: "none",
    authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
    excludeCredentials: [{ id: known.credentialId, type: "public-key", transports: ["hybrid", "internal"] }],
  });
  expect(atob(options.user.id.replaceAll("-", "+").replaceAll("_", "/"))).toBe(person.user.id);
});

test.each(["ES256", "Ed25519"] as const)(
  "a passkey of %s is kept, opens the account without a name, and says when",
  async (kind) => {
    const person = await newVerifiedPerson();
    const passkey = await addPasskey(person, "Laptop", kind);
    const [before] = (await listed(person)).data;
    expect(before).toEqual({
      id: passkey.id,
      name: "Laptop",
      synced: true,
      createdAt: expect.stringMatching(/Z$/),
      lastUsedAt: null,
    });
    expect(await noticesTo(person.email)).toEqual(["passkey_added"]);
    expect(await auditActions(passkey.id)).toEqual(["passkey.added"]);

    const options = await requestOptions();
    expect(options).toEqual({
      rpId: "localhost",
      challenge: expect.stringMatching(/^[\w-]{43}$/),
      timeout: limits.challengeTtlSeconds * 1000,
      userVerification: "required",
    });
    const response = await signInBy(await passkey.answer(options));
    expect(response.status).toBe(200);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const { user, session } = await response.json<{ user: object; session: { accessToken: string } }>();
    expect(user).toMatchObject({ id: person.user.id, email: person.email });
    const row = await env.USERS_DB.prepare("SELECT method FROM sessions WHERE id = ?1")
      .bind(decodeJwt(session.accessToken).sid)
      .first<string>("method");
    expect(row).toBe("passkey");
    expect((await listed(person)).data[0]?.lastUsedAt).toMatch(/Z$/);
  },
);

test("a passkey is both factors: an account with an authenticator app is asked for nothing more", async () => {
  const person = await newSecuredPerson();
  const passkey = await addPasskey(person);
  const response = await signInBy(await passkey.answer(await requestOptions()));
  expect(response.status).toBe(200);
  expect(await response.json<object>()).toHaveProperty("session.refreshToken");
});

test("in cookie mode signing in by passkey sets cookies, and no token is in the body", async () => {
  const passkey = await addPasskey(await newVerifiedPerson());
  const response = await signInBy(await passkey.answer(await requestOptions()), "cookie");
  expect(response.status).toBe(200);
  const { session } = await response.json<{ session: object }>();
  expect(session).toEqual({ tokenType: "Cookie", expiresIn: limits.accessTokenTtlSeconds });
  expect(response.headers.getSetCookie()).toHaveLength(2);
});

test("an expired access token that comes along does not stop anybody from signing in", async () => {
  const passkey = await addPasskey(await newVerifiedPerson());
  const headers = { authorization: "Bearer expired" };
  const { options } = await (await send("POST", "/v1/auth/passkeys/login/options", undefined, headers)).json<{
    options: Awaited<ReturnType<typeof requestOptions>>;
  }>();
  const response = await passkey.answer(options);
  expect((await send("POST", "/v1/auth/passkeys/login/verify", { response }, headers)).status).toBe(200);
});

test("the options to show a passkey are alike for everybody, but for the challenge", async () => {
  const [one, other] = [await requestOptions(), await requestOptions()];
  expect({ ...one, challenge: "" }).toEqual({ ...other, challenge: "" });
  expect(one.challenge).not.toBe(other.challenge);
});

test("signing in by passkey is held up by no guesses at the password or the app", async () => {
  const person = await newSecuredPerson();
  const passkey = await addPasskey(person);
  for (let count = 0; count < 8; count += 1) {
    await send("POST", "/v1/auth/login", { email: person.email, password: "wrong password" });
    await send("POST", "/v1/auth/step-up", { code: "000000" }, person.headers);
  }
  expect((await signInBy(await passkey.answer(await requestOptions()))).status).toBe(200);
});

test("a suspended account is not opened, and its owner is told why", async () => {
  const person = await newVerifiedPerson();
  const passkey = await addPasskey(person);
  await env.USERS_DB.prepare("UPDATE users SET suspended_at_ms = 1 WHERE id = ?1").bind(person.user.id).run();
  await expectProblem(await signInBy(await passkey.answer(await requestOptions())), 403, "users.suspended");
});

test("passkeys come in pages, oldest first, get another name, and go", async () => {
  const person = await newVerifiedPerson();
  const first = await addPasskey(person, "One");
  pass(1);
  const second = await addPasskey(person, "Two");
  const page = await listed(person, "?limit=1");
  expect(page.data.map(({ name }) => name)).toEqual(["One"]);
  const rest = await listed(person, `?limit=1&cursor=${page.nextCursor}`);
  expect(rest.data.map(({ name }) => name)).toEqual(["Two"]);
  expect(rest.nextCursor).toBeNull();

  const renamed = await send("PATCH", `${path}/${first.id}`, { name: "  Old laptop " }, person.headers);
  expect(renamed.status).toBe(200);
  expect(await renamed.json()).toMatchObject({ id: first.id, name: "Old laptop" });
  expect((await remove(second.id, person.headers)).status).toBe(204);
  expect((await listed(person)).data.map(({ name }) => name)).toEqual(["Old laptop"]);
  expect(await noticesTo(person.email)).toEqual(["passkey_added", "passkey_added", "passkey_removed"]);
  expect(await auditActions(first.id, second.id)).toEqual([
    "passkey.added",
    "passkey.added",
    "passkey.renamed",
    "passkey.removed",
  ]);
  const gone = await signInBy(await second.answer(await requestOptions()));
  await expectProblem(gone, 401, "users.factor_invalid");
  await expectProblem(await remove(second.id, person.headers), 404, "users.passkey_not_found");
});

test("the notice of a new passkey tells which one, by its name", async () => {
  const person = await newVerifiedPerson();
  await addPasskey(person, "Blue key");
  const row = await env.USERS_DB.prepare(
    "SELECT subject ->> 'name' AS name FROM letters WHERE address = ?1 AND subject ->> 'notice' = 'passkey_added'",
  )
    .bind(person.email)
    .first<string>("name");
  expect(row).toBe("Blue key");
});

test("the last way in stays: a passkey without a password, another passkey or a provider beside it", async () => {
  const person = await newVerifiedPerson();
  const [first, second] = [await addPasskey(person, "One"), await addPasskey(person, "Two")];
  await removePassword(person);
  expect((await remove(first.id, person.headers)).status).toBe(204);
  await expectProblem(await remove(second.id, person.headers), 409, "users.last_way_in");
  expect((await signInBy(await second.answer(await requestOptions()))).status).toBe(200);
  await addIdentity(person);
  expect((await remove(second.id, person.headers)).status).toBe(204);
});

test("of two last passkeys that are taken away at once, one stays", async () => {
  const person = await newVerifiedPerson();
  const passkeys = [await addPasskey(person, "One"), await addPasskey(person, "Two")];
  await removePassword(person);
  const answers = await Promise.all(passkeys.map(({ id }) => remove(id, person.headers)));
  expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
  expect((await listed(person)).data).toHaveLength(1);
});

test("a passkey is looked after by its owner alone, and removed with a fresh proof", async () => {
  const [owner, stranger] = [await newVerifiedPerson(), await newVerifiedPerson()];
  const { id } = await addPasskey(owner);
  await expectProblem(await send("GET", path), 401, "auth.required");
  await expectProblem(await remove(id, {}), 401, "auth.required");
  expect((await listed(stranger)).data).toEqual([]);
  await expectProblem(await remove(id, stranger.headers), 404, "users.passkey_not_found");
  const renamed = await send("PATCH", `${path}/${id}`, { name: "Mine" }, stranger.headers);
  await expectProblem(renamed, 404, "users.passkey_not_found");
  await expectProblem(await remove(id, await staleHeaders(owner)), 401, "auth.step_up_required");
  const acting = await impersonatorHeaders(owner);
  await expectProblem(await remove(id, acting), 403, "auth.impersonation_refused");
  await expectProblem(
    await send("PATCH", `${path}/${id}`, { name: "Mine" }, acting),
    403,
    "auth.impersonation_refused",
  );
  await expectProblem(await remove(newId("passkey", Date.now()), owner.headers), 404, "users.passkey_not_found");
  await expectProblem(await remove("psk_1", owner.headers), 404, "request.not_found");
  expect((await listed(owner)).data).toMatchObject([{ id, name: "Key" }]);
});

test("enrolling is for a verified owner in person, with a fresh proof, at its begin and at its end", async () => {
  const person = await newVerifiedPerson();
  const { response } = await makePasskey(await creationOptions(person));
  const begin = (headers: Record<string, string>) =>
    send("POST", "/v1/auth/passkeys/register/options", undefined, headers);
  for (const attempt of [begin, (headers: Record<string, string>) => register(headers, response)]) {
    await expectProblem(await attempt({}), 401, "auth.required");
    await expectProblem(await attempt(await staleHeaders(person)), 401, "auth.step_up_required");
    await expectProblem(await attempt(await impersonatorHeaders(person)), 403, "auth.impersonation_refused");
    await expectProblem(await attempt((await newPerson()).headers), 403, "users.email_not_verified");
  }
  expect((await listed(person)).data).toEqual([]);
  // None of these used the challenge up.
  expect((await register(person.headers, response)).status).toBe(201);
});

test("nobody has more passkeys than one may have, also not when the last two are added at once", async () => {
  const person = await newVerifiedPerson();
  const options = [await creationOptions(person), await creationOptions(person)];
  await env.USERS_DB.batch(
    Array.from({ length: limits.passkeysPerUserMax - 1 }, () => {
      const id = newId("passkey", Date.now());
      return env.USERS_DB.prepare(
        "INSERT INTO passkeys (id, user_id, credential_id, public_key, counter, transports, backed_up, name, created_at_ms) VALUES (?1, ?2, ?1, '', 0, '[]', 0, 'x', 0)",
      ).bind(id, person.user.id);
    }),
  );
  const made = await Promise.all(options.map((each) => makePasskey(each)));
  const answers = await Promise.all(made.map(({ response }) => register(person.headers, response)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  const further = await send("POST", "/v1/auth/passkeys/register/options", undefined, person.headers);
  await expectProblem(further, 409, "users.passkey_limit");
});

test.each([
  ["no name", undefined, "name"],
  ["an empty name", "  ", "name"],
  ["a name beyond the limit", "x".repeat(limits.passkeyNameCharsMax + 1), "name"],
  ["control characters in a name", "a\u0000b", "name"],
])("%s is refused with its path, and the challenge works on", async (_, name, at) => {
  const person = await newVerifiedPerson();
  const { response } = await makePasskey(await creationOptions(person));
  const body = name === undefined ? { response } : { name, response };
  const refused = await send("POST", "/v1/auth/passkeys/register/verify", body, person.headers);
  const { errors } = await expectProblem(refused, 422, "request.invalid");
  expect(errors?.map((fault) => fault.path)).toContain(at);
  const longest = await register(person.headers, response, "x".repeat(limits.passkeyNameCharsMax));
  expect(longest.status).toBe(201);
});

test("a deployment may have passkeys of a wider domain, for the origins that it names", async () => {
  const wider = deployment({
    PASSKEY_RP_ID: "example.com",
    PASSKEY_ORIGINS: "https://tickets.example.com, https://example.com",
  });
  const answer = await wider.post("/v1/auth/passkeys/login/options", undefined);
  expect(await answer.json()).toMatchObject({ options: { rpId: "example.com" } });
});
