import { env } from "cloudflare:workers";
import { type Role, roles } from "@foyer/contracts/shared/permissions";
import { newId } from "@foyer/kernel/ids";
import { badTokens } from "@foyer/testing/tokens";
import { beforeEach, expect, test } from "vitest";
import {
  type Account,
  actingAs,
  type House,
  impersonated,
  invite,
  longAgo,
  type Member,
  newAccount,
  newHouse,
  newKey,
  newMember,
  trailOf,
} from "../support/house.ts";
import { expectProblem, freshEmail, send } from "../support/people.ts";

/** Who may give, change and take which roles, written out again here, so that an edit of the table needs a second thought. */
const grants: Readonly<Record<Role, readonly Role[]>> = {
  owner: ["owner", "admin", "manager", "finance", "support", "door"],
  admin: ["manager", "finance", "support", "door"],
  manager: [],
  finance: [],
  support: [],
  door: [],
};
const managers: readonly Role[] = ["owner", "admin"];

/** What a caller of one role meets who touches these others. */
function expected(caller: Role, ...touched: readonly Role[]): "done" | "auth.forbidden" | "users.role_not_grantable" {
  if (!managers.includes(caller)) return "auth.forbidden";
  return touched.every((role) => grants[caller].includes(role)) ? "done" : "users.role_not_grantable";
}

async function outcomeOf(response: Response): Promise<string> {
  if (response.ok) return "done";
  const { status, code } = await response.json<{ status: number; code: string }>();
  return status === 403 ? code : `${status} ${code}`;
}

async function asRole(house: House, role: Role): Promise<Account> {
  return role === "owner" ? house.owner : newMember(house, role);
}

/** Members of each role, made at once: the matrix below uses hundreds up. */
async function newMembers(house: House, count: number, role: Role): Promise<string[]> {
  const rows = JSON.stringify(
    Array.from({ length: count }, () => [newId("user", Date.now()), newId("membership", Date.now())]),
  );
  await env.USERS_DB.batch([
    env.USERS_DB.prepare(
      "INSERT INTO users (id, email, name, created_at_ms, updated_at_ms) SELECT value ->> 0, value ->> 0, 'Buyer One', 0, 0 FROM json_each(?1)",
    ).bind(rows),
    env.USERS_DB.prepare(
      "INSERT INTO memberships (id, organization_id, user_id, role, created_at_ms) SELECT value ->> 1, ?2, value ->> 0, ?3, 0 FROM json_each(?1)",
    ).bind(rows, house.id, role),
  ]);
  return (JSON.parse(rows) as [string, string][]).map(([, id]) => id);
}

test.each(roles)(
  "%s changes and removes members as the table of roles says, whatever they were and would be",
  async (caller) => {
    const house = await newHouse();
    const { headers } = await asRole(house, caller);
    for (const current of roles) {
      const [removed = "", ...targets] = await newMembers(house, roles.length + 1, current);
      for (const [index, next] of roles.entries()) {
        const response = await send("PATCH", `${house.path}/members/${targets[index]}`, { role: next }, headers);
        expect([current, next, await outcomeOf(response)]).toEqual([current, next, expected(caller, current, next)]);
      }
      const response = await send("DELETE", `${house.path}/members/${removed}`, undefined, headers);
      expect([current, await outcomeOf(response)]).toEqual([current, expected(caller, current)]);
    }
  },
);

test.each(roles)("%s invites, sends anew and takes back as the table of roles says", async (caller) => {
  const house = await newHouse();
  const { headers } = await asRole(house, caller);
  for (const role of roles) {
    const body = { email: freshEmail(), role };
    const created = await send("POST", `${house.path}/invitations`, body, headers);
    expect([role, await outcomeOf(created)]).toEqual([role, expected(caller, role)]);
    const { id, email } = await invite(house, house.owner, freshEmail(), role);
    const path = `${house.path}/invitations/${id}`;
    const again = await send("POST", `${path}/resend`, undefined, headers);
    expect([role, await outcomeOf(again)]).toEqual([role, expected(caller, role)]);
    // In the place of an invitation that only an owner may send, an admin cannot put one of theirs.
    const replaced = await send("POST", `${house.path}/invitations`, { email, role: "door" }, headers);
    expect([role, await outcomeOf(replaced)]).toEqual([role, expected(caller, role, "door")]);
    const current = replaced.ok ? (await replaced.json<{ id: string }>()).id : id;
    const revoked = await send("DELETE", `${house.path}/invitations/${current}`, undefined, headers);
    expect([role, await outcomeOf(revoked)]).toEqual([role, expected(caller, role)]);
  }
});

test.each(roles)(
  "%s reads, makes and ends keys, reads the trail, passes the house on and closes it as their role allows",
  async (caller) => {
    const house = await newHouse();
    const { headers } = await asRole(house, caller);
    const heir = await newMember(house, "door");
    const { apiKey } = await newKey(house);
    const keyPath = `${house.path}/api-keys/${apiKey.id}`;
    const operations: readonly (readonly [readonly Role[], string, string, object?])[] = [
      [managers, "GET", `${house.path}/invitations`],
      [managers, "GET", `${house.path}/api-keys`],
      [managers, "GET", keyPath],
      [managers, "POST", `${house.path}/api-keys`, { name: "Till", scopes: ["orders.read"] }],
      [managers, "PATCH", keyPath, { name: "Till" }],
      [managers, "POST", `${keyPath}/rotate`, {}],
      [managers, "DELETE", keyPath],
      [managers, "GET", `${house.path}/audit`],
      [["owner"], "DELETE", house.path],
      [["owner"], "POST", `${house.path}/transfer`, { memberId: heir.memberId }],
    ];
    for (const [allowed, method, path, body] of operations) {
      const outcome = await outcomeOf(await send(method, path, body, headers));
      expect([method, path, outcome]).toEqual([method, path, allowed.includes(caller) ? "done" : "auth.forbidden"]);
    }
  },
);

/** Every operation on a house by its ids, and whether it asks for a fresh proof. */
const operations = [
  ["PATCH", "/members/{member}", { role: "support" }, true],
  ["DELETE", "/members/{member}", undefined, true],
  ["POST", "/transfer", { memberId: "{member}" }, true],
  ["POST", "/invitations", { email: "guest@example.com", role: "door" }, true],
  ["GET", "/invitations", undefined, false],
  ["DELETE", "/invitations/{invitation}", undefined, true],
  ["POST", "/invitations/{invitation}/resend", undefined, true],
  ["POST", "/api-keys", { name: "Till", scopes: ["orders.read"] }, true],
  ["GET", "/api-keys", undefined, false],
  ["GET", "/api-keys/{key}", undefined, false],
  ["PATCH", "/api-keys/{key}", { name: "Till" }, false],
  ["DELETE", "/api-keys/{key}", undefined, true],
  ["POST", "/api-keys/{key}/rotate", {}, true],
  ["GET", "/audit", undefined, false],
  ["DELETE", "", undefined, true],
] as const;

interface Staffed extends House {
  readonly member: Member;
  readonly ids: Readonly<Record<"{member}" | "{invitation}" | "{key}", string>>;
}

let house: Staffed;
beforeEach(async () => {
  const made = await newHouse();
  const member = await newMember(made, "door");
  const invitation = await invite(made, made.owner, freshEmail());
  const { apiKey } = await newKey(made);
  house = { ...made, member, ids: { "{member}": member.memberId, "{invitation}": invitation.id, "{key}": apiKey.id } };
});

function aim(text: string, ids: Readonly<Record<string, string>> = house.ids): string {
  return text.replaceAll(/\{\w+\}/g, (name) => ids[name] ?? "");
}

function ask(
  operation: (typeof operations)[number],
  by: { readonly headers: Record<string, string> },
  path = house.path,
) {
  const [method, suffix, body] = operation;
  return send(method, aim(`${path}${suffix}`), body === undefined ? undefined : aim(JSON.stringify(body)), by.headers);
}

/** All that a house has. */
async function stateOf({ id }: House): Promise<unknown> {
  const results = await env.USERS_DB.batch(
    ["memberships", "invitations", "api_keys", "audit"].map((table) =>
      env.USERS_DB.prepare(`SELECT * FROM ${table} WHERE organization_id = ?1 ORDER BY id`).bind(id),
    ),
  );
  return results.map((result) => result.results);
}

test("nothing of a house is done or shown without a valid token, and nothing changes", async () => {
  const before = await stateOf(house);
  for (const operation of operations) {
    await expectProblem(await ask(operation, { headers: {} }), 401, "auth.required");
    for (const token of Object.values(await badTokens())) {
      const response = await ask(operation, { headers: { authorization: `Bearer ${token}` } });
      await expectProblem(response, 401, "auth.invalid_token");
    }
  }
  expect(await stateOf(house)).toEqual(before);
});

test("for whoever is no member, another tenant's owner among them, nothing of the house exists", async () => {
  const before = await stateOf(house);
  const stranger = (await newHouse()).owner;
  const administrator = await newAccount({ token: { platformAdmin: true } });
  for (const operation of operations) {
    for (const by of [stranger, administrator]) {
      await expectProblem(await ask(operation, by), 404, "users.organization_not_found");
    }
  }
  expect(await stateOf(house)).toEqual(before);
});

const absent = {
  "{member}": "users.member_not_found",
  "{invitation}": "users.invitation_not_found",
  "{key}": "users.api_key_not_found",
};

test("ids of another house are none of one's own, and what is no id is nothing", async () => {
  const before = await stateOf(house);
  const other = await newHouse();
  for (const operation of operations) {
    const name = Object.keys(absent).find((placeholder) => operation[1].includes(placeholder)) as keyof typeof absent;
    if (name === undefined) continue;
    await expectProblem(await ask(operation, other.owner, other.path), 404, absent[name]);
    for (const malformed of ["mem_1", house.id, "%00", "1%27%20OR%201=1", "..%2f"]) {
      const path = `${house.path}${operation[1].replace(name, malformed)}`;
      const body = operation[2] === undefined ? undefined : JSON.stringify(operation[2]);
      await expectProblem(await send(operation[0], path, body, house.owner.headers), 404, "request.not_found");
    }
  }
  expect(await stateOf(house)).toEqual(before);
});

test("what changes members and keys asks for a fresh proof, which nobody has in another's place", async () => {
  const before = await stateOf(house);
  const late = await actingAs(house.owner, longAgo);
  const acting = await actingAs(house.owner, impersonated);
  for (const operation of operations) {
    if (operation[3]) {
      const response = await ask(operation, late);
      expect(response.headers.get("www-authenticate")).toContain("insufficient_user_authentication");
      await expectProblem(response, 401, "auth.step_up_required");
      await expectProblem(await ask(operation, acting), 403, "auth.impersonation_refused");
    } else expect((await ask(operation, late)).status).toBe(200);
  }
  const [members, invitations] = (await stateOf(house)) as unknown[][];
  expect([members, invitations]).toEqual((before as unknown[][]).slice(0, 2));
  expect((await trailOf(house)).map(({ action }) => action)).toEqual([
    "invitation.sent",
    "api_key.created",
    "api_key.renamed",
  ]);
});

test("an API key sees the organization, its people and its trail by its scopes, and does nothing to it", async () => {
  const { secret } = await newKey(house, { scopes: ["audit.read", "organization.read"] });
  const headers = { authorization: `Bearer ${secret}` };
  for (const operation of operations) {
    const response = await ask(operation, { headers });
    if (operation[1] === "/audit") expect(response.status).toBe(200);
    else await expectProblem(response, 403, "auth.forbidden");
  }
  const seen = await send("GET", house.path, undefined, headers);
  expect(await seen.json()).toMatchObject({ id: house.id, name: "Concert Hall", status: "active", role: null });
  const people = await send("GET", `${house.path}/members`, undefined, headers);
  const { data } = await people.json<{ data: { role: string; email: unknown }[] }>();
  expect(data.map(({ role, email }) => [role, email])).toEqual([
    ["owner", null],
    ["door", null],
  ]);
  await expectProblem(await send("PATCH", house.path, { name: "Ours" }, headers), 403, "auth.forbidden");

  const { secret: narrow } = await newKey(house, { scopes: ["orders.read"] });
  for (const path of ["", "/members", "/audit"]) {
    const refused = await send("GET", `${house.path}${path}`, undefined, { authorization: `Bearer ${narrow}` });
    await expectProblem(refused, 403, "auth.forbidden");
  }
  const other = await newHouse();
  for (const path of ["", "/members", "/audit"]) {
    const hidden = await send("GET", `${other.path}${path}`, undefined, headers);
    await expectProblem(hidden, 404, "users.organization_not_found");
  }
});

const foreign = [
  "organizationId",
  "organization_id",
  "id",
  "userId",
  "invitedBy",
  "createdBy",
  "hash",
  "secret",
  "prefix",
  "version",
  "__proto__x",
];

test("what a caller may not set is refused in every body, by name", async () => {
  const before = await stateOf(house);
  for (const operation of operations) {
    if (operation[2] === undefined) continue;
    for (const name of [...foreign, ...("role" in operation[2] ? [] : ["role"])]) {
      const body = JSON.stringify({ ...operation[2], [name]: house.id });
      const response = await send(operation[0], aim(`${house.path}${operation[1]}`), aim(body), house.owner.headers);
      const problem = await expectProblem(response, 422, "request.invalid");
      expect(problem.errors).toEqual([{ path: name, code: "unrecognized_key", message: expect.any(String) }]);
    }
  }
  expect(await stateOf(house)).toEqual(before);
});
