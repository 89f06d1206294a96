import { env } from "cloudflare:workers";
import { limits } from "@foyer/kernel/limits";
import { decodeJwt } from "jose";
import { afterEach, expect, test, vi } from "vitest";
import { makePasskey, type Quirks } from "../support/authenticator.ts";
import { addPasskey, creationOptions, type KeptPasskey, requestOptions, signInBy } from "../support/factors.ts";
import { expectProblem, newVerifiedPerson, type Person, send } from "../support/people.ts";
import { stopClock } from "../support/time.ts";

const { pass } = stopClock();
afterEach(() => void vi.restoreAllMocks());

const register = (person: Pick<Person, "headers">, response: object) =>
  send("POST", "/v1/auth/passkeys/register/verify", { name: "Key", response }, person.headers);
const attempt = async (passkey: KeptPasskey, quirks: Quirks): Promise<Response> =>
  signInBy(await passkey.answer(await requestOptions(), quirks));

async function countPasskeys({ user }: Person): Promise<number> {
  const row = await env.USERS_DB.prepare("SELECT count(*) AS kept FROM passkeys WHERE user_id = ?1")
    .bind(user.id)
    .first<number>("kept");
  return row ?? 0;
}

/** What is wrong wherever an authenticator answers. */
const misbehaviour: Readonly<Record<string, Quirks>> = {
  "another site's origin": { origin: "https://tickets.evil.example" },
  "an origin that begins like ours": { origin: "http://localhost:8787.evil.example" },
  "another port of our host": { origin: "http://localhost:8788" },
  "our host by another protocol": { origin: "https://localhost:8787" },
  "a frame in another site's page": { crossOrigin: true },
  "another site's domain": { rpId: "evil.example" },
  "a challenge of its own": { challenge: "A".repeat(43) },
  "an empty challenge": { challenge: "" },
  "nobody there": { userPresent: false },
  "somebody there who proved nothing": { userVerified: false },
  "a backup of what cannot be backed up": { backedUpOnly: true },
};

test.each(Object.entries(misbehaviour))("%s opens nothing", async (_, quirks) => {
  const passkey = await addPasskey(await newVerifiedPerson());
  const isStrangeChallenge = quirks.challenge !== undefined && quirks.challenge !== "";
  const answer = await attempt(passkey, quirks);
  if (isStrangeChallenge) await expectProblem(answer, 410, "users.challenge_invalid");
  else await expectProblem(answer, 401, "users.factor_invalid");
  expect((await attempt(passkey, {})).status).toBe(200);
});

test.each(Object.entries(misbehaviour))("%s registers nothing", async (_, quirks) => {
  const person = await newVerifiedPerson();
  const { response } = await makePasskey(await creationOptions(person), quirks);
  const isStrangeChallenge = quirks.challenge !== undefined && quirks.challenge !== "";
  const answer = await register(person, response);
  if (isStrangeChallenge) await expectProblem(answer, 410, "users.challenge_invalid");
  else {
    const { errors } = await expectProblem(answer, 422, "users.passkey_invalid");
    expect(errors?.map(({ path }) => path)).toEqual(["response"]);
  }
  expect(await countPasskeys(person)).toBe(0);
});

test.each([
  ["a signature that was changed", { tamper: "signature" }],
  ["a client's data that was changed after it was signed", { tamper: "clientData" }],
  ["authenticator data that was changed after it was signed", { tamper: "authenticatorData" }],
  ["an answer to the making of a passkey", { type: "webauthn.create" }],
  ["another user's handle", { userHandle: btoa("usr_00000000000000000000000000").replaceAll("=", "") }],
  ["an empty handle", { userHandle: "" }],
  ["no handle", { userHandle: null }],
  ["a credential that nobody knows", { credentialId: "A".repeat(43) }],
] as const)("%s opens nothing", async (_, quirks) => {
  const passkey = await addPasskey(await newVerifiedPerson());
  await expectProblem(await attempt(passkey, quirks), 401, "users.factor_invalid");
  expect((await attempt(passkey, {})).status).toBe(200);
});

test.each(["ES256", "Ed25519"] as const)("what a key of %s has signed cannot be changed", async (kind) => {
  const passkey = await addPasskey(await newVerifiedPerson(), "Key", kind);
  await expectProblem(await attempt(passkey, { tamper: "signature" }), 401, "users.factor_invalid");
  await expectProblem(await attempt(passkey, { tamper: "authenticatorData" }), 401, "users.factor_invalid");
});

test("the credential of another person, signed by one's own key, opens neither account", async () => {
  const [victim, attacker] = [await newVerifiedPerson(), await newVerifiedPerson()];
  const [theirs, own] = [await addPasskey(victim), await addPasskey(attacker)];
  for (const userHandle of [theirs.userHandle, own.userHandle]) {
    const answer = await attempt(own, { credentialId: theirs.credentialId, userHandle });
    await expectProblem(answer, 401, "users.factor_invalid");
  }
  const answer = await attempt(own, { userHandle: theirs.userHandle });
  await expectProblem(answer, 401, "users.factor_invalid");
});

test("an answer is taken once, also when it is shown five times at once", async () => {
  const passkey = await addPasskey(await newVerifiedPerson());
  const assertion = await passkey.answer(await requestOptions());
  const answers = await Promise.all(Array.from({ length: 5 }, () => signInBy(assertion)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 410, 410, 410, 410]);
  await expectProblem(await signInBy(assertion), 410, "users.challenge_invalid");
});

test("a wrong answer uses its challenge up", async () => {
  const passkey = await addPasskey(await newVerifiedPerson());
  const options = await requestOptions();
  await expectProblem(
    await signInBy(await passkey.answer(options, { tamper: "signature" })),
    401,
    "users.factor_invalid",
  );
  await expectProblem(await signInBy(await passkey.answer(options)), 410, "users.challenge_invalid");
});

test("a challenge is over after its time", async () => {
  const person = await newVerifiedPerson();
  const passkey = await addPasskey(person);
  const [toShow, toMake] = [await requestOptions(), await creationOptions(person)];
  pass(limits.challengeTtlSeconds);
  await expectProblem(await signInBy(await passkey.answer(toShow)), 410, "users.challenge_invalid");
  const { response } = await makePasskey(toMake);
  await expectProblem(await register(person, response), 410, "users.challenge_invalid");
});

test("a counter that does not go on opens nothing, and the log says which passkey may have been copied", async () => {
  const person = await newVerifiedPerson();
  const passkey = await addPasskey(person);
  expect((await attempt(passkey, { counter: 7 })).status).toBe(200);
  const lines: string[] = [];
  vi.spyOn(console, "warn").mockImplementation((line: string) => void lines.push(line));
  for (const counter of [7, 6, 0]) {
    await expectProblem(await attempt(passkey, { counter }), 401, "users.factor_invalid");
  }
  expect(lines.map((line): unknown => JSON.parse(line))).toMatchObject(
    [7, 6, 0].map((shown) => ({ level: "warn", id: passkey.id, userId: person.user.id, known: 7, shown })),
  );
  expect((await attempt(passkey, { counter: 8 })).status).toBe(200);
});

test("a counter that is only said, and not signed, accuses nobody", async () => {
  const passkey = await addPasskey(await newVerifiedPerson());
  expect((await attempt(passkey, { counter: 7 })).status).toBe(200);
  const warn = vi.spyOn(console, "warn");
  await expectProblem(await attempt(passkey, { counter: 6, tamper: "signature" }), 401, "users.factor_invalid");
  expect(warn).not.toHaveBeenCalled();
});

test("of two copies of an authenticator that show the same count at once, one comes in", async () => {
  const passkey = await addPasskey(await newVerifiedPerson());
  const assertions = await Promise.all(
    [1, 2, 3].map(async () => passkey.answer(await requestOptions(), { counter: 5 })),
  );
  const answers = await Promise.all(assertions.map((assertion) => signInBy(assertion)));
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
});

test("a challenge to register is its user's: a stranger's session registers nothing with it", async () => {
  const [victim, attacker] = [await newVerifiedPerson(), await newVerifiedPerson()];
  const { response } = await makePasskey(await creationOptions(attacker));
  await expectProblem(await register(victim, response), 410, "users.challenge_invalid");
  expect([await countPasskeys(victim), await countPasskeys(attacker)]).toEqual([0, 0]);
});

test("a challenge to show a passkey makes none, and one to make it shows none", async () => {
  const person = await newVerifiedPerson();
  const passkey = await addPasskey(person);
  const [toShow, toMake] = [await requestOptions(), await creationOptions(person)];
  const { response } = await makePasskey({ ...toMake, challenge: toShow.challenge });
  await expectProblem(await register(person, response), 410, "users.challenge_invalid");
  const assertion = await passkey.answer({ ...toShow, challenge: toMake.challenge });
  await expectProblem(await signInBy(assertion), 410, "users.challenge_invalid");
});

test("a passkey is registered once, whoever shows it again", async () => {
  const [owner, other] = [await newVerifiedPerson(), await newVerifiedPerson()];
  const { response } = await makePasskey(await creationOptions(owner));
  const answers = await Promise.all([register(owner, response), register(owner, response)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 410]);
  // The same credential under another's challenge: its name is taken, and whose it is stays unsaid.
  const options = await creationOptions(other);
  const forged = {
    ...response,
    response: {
      ...response.response,
      clientDataJSON: (await makePasskey(options)).response.response.clientDataJSON,
    },
  };
  await expectProblem(await register(other, forged), 422, "users.passkey_invalid");
  expect([await countPasskeys(owner), await countPasskeys(other)]).toEqual([1, 0]);
});

test("a response that names another credential than the one that was made registers nothing", async () => {
  const person = await newVerifiedPerson();
  const { response } = await makePasskey(await creationOptions(person), { credentialId: "A".repeat(43) });
  await expectProblem(await register(person, response), 422, "users.passkey_invalid");
  expect(await countPasskeys(person)).toBe(0);
});

test("an answer to the showing of a passkey registers nothing", async () => {
  const person = await newVerifiedPerson();
  const { response } = await makePasskey(await creationOptions(person), { type: "webauthn.get" });
  await expectProblem(await register(person, response), 422, "users.passkey_invalid");
});

test("a key of an algorithm that was not asked for registers nothing", async () => {
  const person = await newVerifiedPerson();
  const { response } = await makePasskey(await creationOptions(person), { algorithm: -65_535 });
  await expectProblem(await register(person, response), 422, "users.passkey_invalid");
});

test("what an authenticator says of its maker is not looked at: no certificate is read, and no address in one is asked", async () => {
  const fetched = vi.spyOn(globalThis, "fetch");
  const person = await newVerifiedPerson();
  const parts = new Map<string, string | number | Uint8Array | Uint8Array[]>([
    ["alg", -7],
    ["sig", new Uint8Array(70)],
    ["x5c", [new Uint8Array(500)]],
  ]);
  for (const format of ["packed", "tpm", "apple", "fido-u2f", "android-key", "android-safetynet", "made-up"]) {
    const { response } = await makePasskey(await creationOptions(person), { statement: { format, parts } });
    expect([format, (await register(person, response)).status]).toEqual([format, 201]);
  }
  expect(fetched).not.toHaveBeenCalled();
});

const bytes = (text: string): string => btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

test.each([
  ["no CBOR", bytes("nonsense")],
  ["nothing", ""],
  ["a length that base64 cannot have", "A"],
  ["CBOR that is no map", bytes("\u0001")],
  ["a map without authenticator data", bytes("\u00a0")],
  ["a list of lists of lists without end", bytes("\u0081".repeat(10_000))],
  ["a text that says to be longer than it is", bytes("\u007b\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff")],
  ["authenticator data that is a text", bytes("\u00a1\u0068authData\u0061x")],
  ["authenticator data that is too short", bytes("\u00a1\u0068authData\u0041x")],
])("%s in place of what an authenticator made is refused, and is no fault of ours", async (_, attestationObject) => {
  const person = await newVerifiedPerson();
  const { response } = await makePasskey(await creationOptions(person));
  const broken = { ...response, response: { ...response.response, attestationObject } };
  await expectProblem(await register(person, broken), 422, "users.passkey_invalid");
});

test.each([
  ["no JSON", bytes("nonsense")],
  ["a list", bytes("[]")],
  ["null", bytes("null")],
  ["nothing", ""],
  ["a challenge that is a number", bytes('{"challenge":1}')],
])("%s in place of a browser's data is refused, and is no fault of ours", async (_, clientDataJSON) => {
  const passkey = await addPasskey(await newVerifiedPerson());
  const assertion = await passkey.answer(await requestOptions());
  const broken = { ...assertion, response: { ...assertion.response, clientDataJSON } };
  await expectProblem(await signInBy(broken), 401, "users.factor_invalid");
});

test.each([
  ["authenticatorData", ""],
  ["authenticatorData", "A".repeat(20_000)],
  ["signature", ""],
  ["signature", "A"],
  ["signature", "A".repeat(20_000)],
])("a strange %s is refused, and is no fault of ours", async (field, value) => {
  const passkey = await addPasskey(await newVerifiedPerson());
  const assertion = await passkey.answer(await requestOptions());
  const broken = { ...assertion, response: { ...assertion.response, [field]: value } };
  await expectProblem(await signInBy(broken), 401, "users.factor_invalid");
});

const whole = { id: "AAAA", rawId: "AAAA", type: "public-key" };
const answered = { clientDataJSON: "AAAA", authenticatorData: "AAAA", signature: "AAAA" };

test.each([
  ["nothing", {}, ["response"]],
  ["null", { response: null }, ["response"]],
  ["a list", { response: [] }, ["response"]],
  ["an answer without parts", { response: { ...whole, response: {} } }, ["response.response.clientDataJSON"]],
  ["an id that is a number", { response: { ...whole, id: 1, response: answered } }, ["response.id"]],
  ["an id beyond the limit", { response: { ...whole, id: "A".repeat(20_001), response: answered } }, ["response.id"]],
  ["plain base64", { response: { ...whole, rawId: "A+A/", response: answered } }, ["response.rawId"]],
  ["another type", { response: { ...whole, type: "password", response: answered } }, ["response.type"]],
  [
    "a handle that is an object",
    { response: { ...whole, response: { ...answered, userHandle: {} } } },
    ["response.response.userHandle"],
  ],
  ["a mode that is none", { response: { ...whole, response: answered }, mode: "url" }, ["mode"]],
  ["a field that is none", { response: { ...whole, response: answered }, userId: "usr_1" }, ["userId"]],
])("%s in place of an assertion is refused with the field's path", async (_, body, paths) => {
  const answer = await expectProblem(
    await send("POST", "/v1/auth/passkeys/login/verify", body),
    422,
    "request.invalid",
  );
  expect(answer.errors?.map((fault) => fault.path)).toEqual(expect.arrayContaining(paths));
});

test.each([
  ["nothing", {}, ["name", "response"]],
  [
    "no parts",
    { name: "x", response: { ...whole, response: {} } },
    ["response.response.clientDataJSON", "response.response.attestationObject"],
  ],
  [
    "transports that are no list",
    { name: "x", response: { ...whole, response: { clientDataJSON: "", attestationObject: "", transports: "usb" } } },
    ["response.response.transports"],
  ],
  [
    "transports without end",
    {
      name: "x",
      response: { ...whole, response: { clientDataJSON: "", attestationObject: "", transports: Array(9).fill("usb") } },
    },
    ["response.response.transports"],
  ],
])("%s in place of a registration is refused with the field's path", async (_, body, paths) => {
  const { headers } = await newVerifiedPerson();
  const answer = await expectProblem(
    await send("POST", "/v1/auth/passkeys/register/verify", body, headers),
    422,
    "request.invalid",
  );
  expect(answer.errors?.map((fault) => fault.path)).toEqual(expect.arrayContaining(paths));
});

test("a passkey's session belongs to the account that the passkey was made for", async () => {
  const person = await newVerifiedPerson();
  const passkey = await addPasskey(person);
  const answer = await attempt(passkey, {});
  const { session } = await answer.json<{ session: { accessToken: string } }>();
  expect(decodeJwt(session.accessToken).sub).toBe(person.user.id);
});
