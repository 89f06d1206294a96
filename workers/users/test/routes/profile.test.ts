import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { expect, test } from "vitest";
import { expectProblem, newPerson, send } from "../support/people.ts";

const path = "/v1/users/profile";

test("a profile is its owner's own, and no cache's", async () => {
  const { user, headers } = await newPerson();
  const response = await send("GET", path, undefined, headers);
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  expect(response.headers.get("etag")).toBe('"1"');
  expect(await response.json()).toEqual(user);
});

test("a profile that is known already is not sent again", async () => {
  const { headers } = await newPerson();
  const response = await send("GET", path, undefined, { ...headers, "if-none-match": '"1"' });
  expect(response.status).toBe(304);
  expect(await response.text()).toBe("");
});

test("changing one field keeps the others, and null takes one away", async () => {
  const { headers, user } = await newPerson();
  const first = await send("PATCH", path, { locale: "PT-br", timezone: "America/Sao_Paulo" }, headers);
  expect(first.status).toBe(200);
  expect(first.headers.get("etag")).toBe('"2"');
  expect(await first.json()).toMatchObject({ name: user.name, locale: "pt-BR", timezone: "America/Sao_Paulo" });
  const second = await send("PATCH", path, { name: "Buyer 😀", locale: null }, headers);
  expect(await second.json()).toMatchObject({ name: "Buyer 😀", locale: null, timezone: "America/Sao_Paulo" });
});

test("a change of nothing changes nothing", async () => {
  const { headers } = await newPerson();
  expect((await send("PATCH", path, {}, headers)).headers.get("etag")).toBe('"1"');
});

test("of changes made from one version at once exactly one is taken", async () => {
  const { headers } = await newPerson();
  const conditional = { ...headers, "if-match": '"1"' };
  const answers = await Promise.all(["A", "B", "C", "D"].map((name) => send("PATCH", path, { name }, conditional)));
  expect(answers.map((response) => response.status).sort()).toEqual([200, 412, 412, 412]);
  await expectProblem(await send("PATCH", path, { name: "E" }, conditional), 412, "request.precondition_failed");
});

test.each([
  ["an administrator", { platformAdmin: true }],
  ["another id", { id: "usr_00000000000000000000000000" }],
  ["another address", { email: "other@example.com" }],
  ["a verified address", { emailVerified: true }],
  ["a version", { version: 99 }],
  ["no name", { name: null }],
  ["an empty name", { name: "" }],
  ["a name with a NUL", { name: "a\u0000b" }],
  ["a name with CR LF", { name: "a\r\nb" }],
  ["a list for a name", { name: ["a"] }],
  ["a locale that is none", { locale: "not a locale" }],
  ["a huge locale", { locale: "x".repeat(5_000) }],
  ["an offset for a time zone", { timezone: "+02:00" }],
  ["a negative time zone", { timezone: -1 }],
])("making oneself %s is refused", async (_, change) => {
  const { headers, user } = await newPerson();
  await expectProblem(await send("PATCH", path, change, headers), 422, "request.invalid");
  expect(await (await send("GET", path, undefined, headers)).json()).toEqual(user);
});

test("__proto__ in a change is refused", async () => {
  const { headers } = await newPerson();
  const body = '{"name":"x","__proto__":{"platformAdmin":true}}';
  await expectProblem(await send("PATCH", path, body, headers), 422, "request.invalid");
});

test.each(["GET", "PATCH"])("%s needs a valid access token", async (method) => {
  const body = method === "PATCH" ? { name: "x" } : undefined;
  await expectProblem(await send(method, path, body), 401, "auth.required");
  for (const token of Object.values(await badTokens())) {
    await expectProblem(
      await send(method, path, body, { authorization: `Bearer ${token}` }),
      401,
      "auth.invalid_token",
    );
  }
  await expectProblem(await send(method, path, body, { authorization: "Basic eDp5" }), 401, "auth.invalid_token");
});

test("a token of an account that exists no more is refused", async () => {
  const { headers } = await newTestUser();
  await expectProblem(await send("GET", path, undefined, headers), 401, "auth.invalid_token");
});
