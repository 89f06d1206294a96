import { env } from "cloudflare:workers";
import { limits } from "@foyer/kernel/limits";
import { newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { auditOf, headersOf, type IdentityBody, identitiesOf, link, profile } from "../support/identities.ts";
import { expectProblem, newVerifiedPerson, noticesTo, type Person, password, send } from "../support/people.ts";
import {
  begin,
  fresh,
  oneTimeCode,
  redeem,
  type SignedInBody,
  signedIn,
  signIn,
  someone,
} from "../support/providers.ts";

describe("linking", () => {
  test("adds an identity to the signed-in account, whatever its address, and tells the owner", async () => {
    const person = await newVerifiedPerson();
    const who = { ...someone(), email_verified: false };
    const response = await link(person.headers, "facebook", who);
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      identity: {
        id: expect.stringMatching(/^idn_/),
        provider: "facebook",
        email: who.email,
        name: who.name,
        createdAt: expect.any(String),
        lastUsedAt: expect.any(String),
      },
    });
    expect(await noticesTo(person.email)).toEqual(["identity_linked"]);
    expect(await auditOf(person.user.id)).toContainEqual(["identity.linked", { provider: "facebook", by: "owner" }]);
    const signed = await signedIn("facebook", who);
    expect(signed.user).toMatchObject({ id: person.user.id, email: person.email });
  });

  test("needs no address, and a second time changes nothing", async () => {
    const person = await newVerifiedPerson();
    const claims = { sub: fresh("subject") };
    const first = await (await link(person.headers, "facebook", claims)).json<{ identity: IdentityBody }>();
    const second = await (await link(person.headers, "facebook", claims)).json<{ identity: IdentityBody }>();
    expect(second.identity.id).toBe(first.identity.id);
    expect(await noticesTo(person.email)).toEqual(["identity_linked"]);
  });

  test("of an identity that opens another account is refused", async () => {
    const who = someone();
    await signedIn("google", who);
    const person = await newVerifiedPerson();
    await expectProblem(await link(person.headers, "google", who), 409, "users.identity_taken");
    expect(await identitiesOf(person.headers)).toEqual([]);
  });

  test("ten times at once links once", async () => {
    const person = await newVerifiedPerson();
    const who = someone();
    const answers = await Promise.all(Array.from({ length: 10 }, () => link(person.headers, "google", who)));
    expect(answers.map(({ status }) => status)).toEqual(Array(10).fill(200));
    expect(await identitiesOf(person.headers)).toHaveLength(1);
    expect(await noticesTo(person.email)).toEqual(["identity_linked"]);
  });

  test("ends at whoever began it: nobody else's session takes the code, and it is still theirs", async () => {
    const person = await newVerifiedPerson();
    const other = await newVerifiedPerson();
    const begun = await begin("google", { intent: "link" }, person.headers);
    const code = await oneTimeCode(begun, someone());
    await expectProblem(await redeem(code, begun.cookie), 401, "auth.required");
    await expectProblem(await redeem(code, begun.cookie, {}, other.headers), 410, "users.oauth_code_invalid");
    const acting = await newTestUser({ userId: person.user.id, impersonatorId: other.user.id });
    const inTheirPlace = await redeem(code, begun.cookie, {}, { ...acting.headers });
    await expectProblem(inTheirPlace, 403, "auth.impersonation_refused");
    await expectProblem(await redeem(code, "", {}, person.headers), 410, "users.oauth_code_invalid");
    expect((await redeem(code, begun.cookie, {}, person.headers)).status).toBe(200);
    expect(await identitiesOf(other.headers)).toEqual([]);
  });

  test("a sign-in does not become a link because somebody is signed in", async () => {
    const person = await newVerifiedPerson();
    const begun = await begin("google", {}, person.headers);
    const who = someone();
    const response = await redeem(await oneTimeCode(begun, who), begun.cookie, {}, person.headers);
    expect((await response.json<SignedInBody>()).user.email).toBe(who.email);
    expect(await identitiesOf(person.headers)).toEqual([]);
  });

  test(`is possible up to ${limits.identitiesPerUserMax} times`, async () => {
    const person = await newVerifiedPerson();
    const claims = () => ({ sub: fresh("subject") });
    for (let count = 1; count < limits.identitiesPerUserMax; count += 1) await link(person.headers, "google", claims());
    const last = await Promise.all([
      link(person.headers, "google", claims()),
      link(person.headers, "google", claims()),
    ]);
    expect(last.map(({ status }) => status).sort()).toEqual([200, 409]);
    await expectProblem(await link(person.headers, "google", claims()), 409, "users.identity_limit");
    const byAddress = await signIn("google", { ...someone(), email: person.email });
    await expectProblem(byAddress, 409, "users.identity_limit");
    expect(await identitiesOf(person.headers)).toHaveLength(limits.identitiesPerUserMax);
  });
});

describe("one's identities", () => {
  async function withTwo(): Promise<Person> {
    const person = await newVerifiedPerson();
    for (const provider of ["google", "facebook"] as const) await link(person.headers, provider, someone());
    return person;
  }
  const unlink = (id: string | undefined, headers: Record<string, string>) =>
    send("DELETE", `${profile}/${id}`, undefined, headers);

  test("are listed page by page, oldest first, without the provider's name for the person", async () => {
    const person = await withTwo();
    const first = await send("GET", `${profile}?limit=1`, undefined, person.headers);
    expect(first.headers.get("cache-control")).toBe("no-store");
    const page = await first.json<{ data: IdentityBody[]; nextCursor: string }>();
    expect(page.data).toMatchObject([{ provider: "google" }]);
    expect(JSON.stringify(page)).not.toContain("subject");
    const rest = await send("GET", `${profile}?limit=1&cursor=${page.nextCursor}`, undefined, person.headers);
    expect(await rest.json()).toMatchObject({ data: [{ provider: "facebook" }], nextCursor: null });
    await expectProblem(await send("GET", profile), 401, "auth.required");
  });

  test("can be taken away: it signs in no more, and the owner is told", async () => {
    const who = someone();
    const body = await signedIn("google", who);
    const headers = headersOf(body);
    const other = { sub: fresh("subject") };
    await link(headers, "facebook", other);
    const [google, facebook] = await identitiesOf(headers);
    expect((await unlink(facebook?.id, headers)).status).toBe(204);
    expect(await identitiesOf(headers)).toMatchObject([{ id: google?.id }]);
    await expectProblem(await unlink(facebook?.id, headers), 404, "users.identity_not_found");
    await expectProblem(await signIn("facebook", other), 409, "users.provider_address_missing");
    expect(await noticesTo(who.email)).toEqual(["identity_linked", "identity_unlinked"]);
    const last = await env.USERS_DB.prepare(
      "SELECT before FROM audit WHERE action = 'identity.unlinked' AND target_id = ?1",
    )
      .bind(facebook?.id)
      .first<{ before: string }>();
    expect(JSON.parse(last?.before ?? "null")).toEqual({ provider: "facebook" });
  });

  test("stay where one is the last way in, until there is another", async () => {
    const body = await signedIn("google", someone());
    const headers = headersOf(body);
    const [only] = await identitiesOf(headers);
    await expectProblem(await unlink(only?.id, headers), 409, "users.last_way_in");
    expect(await identitiesOf(headers)).toHaveLength(1);
    await send("POST", "/v1/auth/password/change", { password }, headers);
    expect((await unlink(only?.id, headers)).status).toBe(204);
    expect((await send("POST", "/v1/auth/login", { email: body.user.email, password })).status).toBe(200);
  });

  test("two last ones at once do not both go", async () => {
    const headers = headersOf(await signedIn("google", someone()));
    await link(headers, "facebook", someone());
    const both = await identitiesOf(headers);
    const answers = await Promise.all(both.map(({ id }) => unlink(id, headers)));
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 409]);
    expect(await identitiesOf(headers)).toHaveLength(1);
  });

  test("are taken away by nobody else, and by the owner after a fresh proof only", async () => {
    const person = await withTwo();
    const [first] = await identitiesOf(person.headers);
    const stranger = await newVerifiedPerson();
    await expectProblem(await unlink(first?.id, {}), 401, "auth.required");
    await expectProblem(await unlink(first?.id, stranger.headers), 404, "users.identity_not_found");
    await expectProblem(await unlink("idn_x", person.headers), 404, "request.not_found");
    const { userId } = { userId: person.user.id };
    const stale = await newTestUser({ userId, authenticatedAtMs: Date.now() - 3_600_000 });
    await expectProblem(await unlink(first?.id, { ...stale.headers }), 401, "auth.step_up_required");
    const acting = await newTestUser({ userId, impersonatorId: stranger.user.id });
    await expectProblem(await unlink(first?.id, { ...acting.headers }), 403, "auth.impersonation_refused");
    expect(await identitiesOf(person.headers)).toHaveLength(2);
  });
});
