import type { UserBody } from "@foyer/contracts/users/api/people";
import { limits } from "@foyer/kernel/limits";
import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import { expectProblem, freshEmail, newestLinkSecret, newPerson, password, send } from "../support/people.ts";

const refreshName = "__Host-foyer_refresh";
const accessName = "__Host-foyer_access";
const attributes = ["httponly", "samesite=strict", "secure"];

interface Cookie {
  readonly value: string;
  readonly attributes: readonly string[];
}

/** The cookies that an answer sets, by name. */
function cookiesOf(response: Response): ReadonlyMap<string, Cookie> {
  return new Map(
    response.headers.getSetCookie().map((text): [string, Cookie] => {
      const [pair = "", ...rest] = text.split("; ");
      const [name = "", value = ""] = pair.split("=");
      return [name, { value, attributes: rest.map((attribute) => attribute.toLowerCase()).sort() }];
    }),
  );
}

/** Signs in as a browser does that keeps its session in cookies, and returns what it has then. */
async function signIn(email: string, headers: Record<string, string> = {}) {
  const response = await send("POST", "/v1/auth/login", { email, password, mode: "cookie" }, headers);
  expect(response.status).toBe(200);
  return sessionIn(response);
}

/** The session that an answer leaves in a browser, as the gateway shows it: the access cookie as a bearer token. */
async function sessionIn(response: Response) {
  const cookies = cookiesOf(response);
  const [access = "", refresh = ""] = [accessName, refreshName].map((name) => cookies.get(name)?.value);
  expect(access).not.toBe("");
  expect(refresh).not.toBe("");
  const { user } = await response.json<{ user: UserBody }>();
  return { user, access, refresh, cookie: `${refreshName}=${refresh}`, bearer: { authorization: `Bearer ${access}` } };
}

const profile = (bearer: Record<string, string>) => send("GET", "/v1/users/profile", undefined, bearer);

test("signing in by cookies gives scripts nothing to read, and neighbouring hosts nothing to plant", async () => {
  const { email } = await newPerson();
  const login = await send("POST", "/v1/auth/login", { email, password, mode: "cookie" });
  const other = freshEmail();
  const registered = await send("POST", "/v1/auth/register", { email: other, password, name: "Buyer", mode: "cookie" });
  for (const response of [login, registered]) {
    const cookies = cookiesOf(response);
    expect([...cookies.keys()].sort()).toEqual([accessName, refreshName].sort());
    expect(cookies.get(accessName)?.attributes).toEqual(
      [...attributes, `max-age=${limits.accessTokenTtlSeconds}`, "path=/"].sort(),
    );
    expect(cookies.get(refreshName)?.attributes).toEqual(
      [...attributes, `max-age=${limits.refreshTokenTtlSeconds}`, "path=/"].sort(),
    );
    const text = await response.text();
    for (const { value } of cookies.values()) expect(text).not.toContain(value);
    expect(JSON.parse(text)).toMatchObject({ session: { tokenType: "Cookie" } });
    expect(response.headers.get("cache-control")).toBe("no-store");
  }
});

test("the refresh cookie continues the session and is replaced, and one that was replaced is not continued", async () => {
  const { email } = await newPerson();
  const first = await signIn(email);
  const response = await send("POST", "/v1/auth/refresh", undefined, { cookie: first.cookie });
  expect(response.status).toBe(200);
  const second = await sessionIn(response);
  expect(second.refresh).not.toBe(first.refresh);
  expect(decodeJwt(second.access).sid).toBe(decodeJwt(first.access).sid);
  await send("POST", "/v1/auth/refresh", undefined, { cookie: second.cookie });
  const reused = await send("POST", "/v1/auth/refresh", undefined, { cookie: first.cookie });
  await expectProblem(reused, 401, "users.refresh_reused");
  const cleared = cookiesOf(reused);
  for (const name of [accessName, refreshName]) expect(cleared.get(name)?.attributes).toContain("max-age=0");
});

test("without a refresh cookie there is nothing to continue, and nothing is cleared", async () => {
  const response = await send("POST", "/v1/auth/refresh");
  await expectProblem(response, 401, "users.refresh_invalid");
  expect(response.headers.getSetCookie()).toEqual([]);
});

test("a session that somebody put into a browser beforehand is not what its owner signs in to", async () => {
  const attacker = await newPerson();
  const planted = await signIn(attacker.email);
  const victim = await newPerson();
  const own = await signIn(victim.email, { cookie: planted.cookie, ...planted.bearer });
  expect(own.user.email).toBe(victim.email);
  expect(own.refresh).not.toBe(planted.refresh);
  expect(decodeJwt(own.access).sid).not.toBe(decodeJwt(planted.access).sid);
  // What the attacker still holds is the attacker's.
  const continued = await send("POST", "/v1/auth/refresh", undefined, { cookie: planted.cookie });
  expect((await sessionIn(continued)).user.email).toBe(attacker.email);
});

test("signing out ends the session and takes both cookies, also when the access token has ended before", async () => {
  const { email } = await newPerson();
  for (const bearerOf of [
    ({ bearer }: { bearer: Record<string, string> }) => bearer,
    () => ({}),
    () => ({ authorization: "Bearer" }),
  ]) {
    const session = await signIn(email);
    const response = await send("POST", "/v1/auth/logout", undefined, { cookie: session.cookie, ...bearerOf(session) });
    expect(response.status).toBe(204);
    const cleared = cookiesOf(response);
    expect(cleared.get(accessName)).toEqual({ value: "", attributes: [...attributes, "max-age=0", "path=/"].sort() });
    expect(cleared.get(refreshName)?.attributes).toEqual([...attributes, "max-age=0", "path=/"].sort());
    const after = await send("POST", "/v1/auth/refresh", undefined, { cookie: session.cookie });
    await expectProblem(after, 401, "users.refresh_invalid");
  }
});

test("who has a session that has ended can still ask for a new password, set it, and sign in", async () => {
  const { email } = await newPerson();
  const ended = { authorization: "Bearer ended" };
  await expectProblem(await profile(ended), 401, "auth.invalid_token");
  expect((await send("POST", "/v1/auth/password/forgot", { email }, ended)).status).toBe(202);
  expect((await send("POST", "/v1/auth/email/resend", { email }, ended)).status).toBe(202);
  const token = await newestLinkSecret(email, "reset_password");
  const reset = await send("POST", "/v1/auth/password/reset", { token, password }, ended);
  expect(reset.status).toBe(204);
  const { bearer } = await signIn(email, ended);
  expect((await profile(bearer)).status).toBe(200);
});
