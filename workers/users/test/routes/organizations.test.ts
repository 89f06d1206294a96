import { env } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { badTokens } from "@foyer/testing/tokens";
import { expect, test } from "vitest";
import {
  addMember,
  expectProblem,
  newOrganization,
  newPerson,
  newVerifiedPerson,
  type Person,
  send,
} from "../support/people.ts";

const path = "/v1/organizations";
const create = (person: Person, body: unknown, headers: Record<string, string> = {}) =>
  send("POST", path, body, { ...person.headers, ...headers });
const freshSlug = () => `hall-${crypto.randomUUID()}`;

test("who opens an organization owns it", async () => {
  const owner = await newVerifiedPerson();
  const slug = freshSlug();
  const response = await create(owner, { name: " Concert  Hall ", slug });
  expect(response.status).toBe(201);
  const created = await response.json<{ id: string }>();
  expect(created).toEqual({
    id: expect.stringMatching(/^org_/),
    name: "Concert  Hall",
    slug,
    description: "",
    website: null,
    contactEmail: null,
    status: "active",
    role: "owner",
    createdAt: expect.stringMatching(/Z$/),
    updatedAt: expect.stringMatching(/Z$/),
  });
  const read = await send("GET", `${path}/${created.id}`, undefined, owner.headers);
  expect(read.headers.get("cache-control")).toBe("no-store");
  expect(read.headers.get("etag")).toBe('"1.owner"');
  expect(await read.json()).toEqual(created);
  const members = await send("GET", `${path}/${created.id}/members`, undefined, owner.headers);
  expect(await members.json()).toEqual({
    data: [
      {
        id: expect.stringMatching(/^mem_/),
        userId: owner.user.id,
        name: owner.user.name,
        email: owner.email,
        role: "owner",
        createdAt: expect.stringMatching(/Z$/),
      },
    ],
    nextCursor: null,
  });
});

test("opening an organization asks for a verified address, and believes the account, not the token", async () => {
  const person = await newPerson();
  await expectProblem(await create(person, { name: "Hall" }), 403, "users.email_not_verified");
  await env.USERS_DB.prepare("UPDATE users SET email_verified_at_ms = 1 WHERE id = ?1").bind(person.user.id).run();
  expect((await create(person, { name: "Hall" })).status).toBe(201);
});

test("two organizations of one name get different slugs; a chosen slug is unique", async () => {
  const owner = await newVerifiedPerson();
  const name = `Hall ${crypto.randomUUID()}`;
  const first = await newOrganization(owner, name);
  const second = await newOrganization(owner, name);
  expect(second.slug).toMatch(new RegExp(`^${first.slug}-[0-9a-z]{6}$`));
  const taken = await expectProblem(await create(owner, { name, slug: first.slug }), 409, "users.slug_taken");
  expect(taken.errors).toMatchObject([{ path: "slug" }]);
});

test.each(["ホール", "😀", "a"])("a name without a readable slug (%s) gets one all the same", async (name) => {
  const { slug } = await newOrganization(await newVerifiedPerson(), name);
  expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
});

test("nobody owns more organizations than the limit, also when asking at once", async () => {
  const owner = await newVerifiedPerson();
  const { id } = await newOrganization(owner);
  await env.USERS_DB.batch(
    Array.from({ length: limits.organizationsPerUserMax - 3 }, (_, index) => [
      env.USERS_DB.prepare(
        "INSERT INTO organizations (id, name, slug, created_at_ms, updated_at_ms) SELECT ?1, name, ?1, created_at_ms, updated_at_ms FROM organizations WHERE id = ?2",
      ).bind(newId("organization", index), id),
    ]).flat(),
  );
  await env.USERS_DB.prepare(
    "INSERT INTO memberships SELECT 'mem_' || o.id, o.id, ?1, 'owner', 0 FROM organizations o WHERE o.slug = o.id",
  )
    .bind(owner.user.id)
    .run();
  const answers = await Promise.all(Array.from({ length: 5 }, () => create(owner, { name: "Hall" })));
  expect(answers.map((response) => response.status).sort()).toEqual([201, 201, 409, 409, 409]);
  await expectProblem(await create(owner, { name: "Hall" }), 409, "users.organization_limit");
});

test("the same key and body bring the same organization, once", async () => {
  const owner = await newVerifiedPerson();
  const key = { "idempotency-key": crypto.randomUUID() };
  const first = await create(owner, { name: "Hall" }, key);
  const again = await create(owner, { name: "Hall" }, key);
  expect(again.status).toBe(201);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(await again.json()).toEqual(await first.json());
  await expectProblem(await create(owner, { name: "Other" }, key), 422, "idempotency.mismatch");
  const list = await send("GET", path, undefined, owner.headers);
  expect((await list.json<{ data: object[] }>()).data).toHaveLength(1);
});

test("one key sent five times at once has the effect of once", async () => {
  const owner = await newVerifiedPerson();
  const key = { "idempotency-key": crypto.randomUUID() };
  const answers = await Promise.all(Array.from({ length: 5 }, () => create(owner, { name: "Hall" }, key)));
  for (const response of answers) expect([201, 409]).toContain(response.status);
  const list = await send("GET", path, undefined, owner.headers);
  expect((await list.json<{ data: object[] }>()).data).toHaveLength(1);
  expect((await create(owner, { name: "Hall" }, key)).headers.get("idempotent-replayed")).toBe("true");
});

test("a key is its caller's own", async () => {
  const key = { "idempotency-key": crypto.randomUUID() };
  const first = await create(await newVerifiedPerson(), { name: "Hall" }, key);
  const second = await create(await newVerifiedPerson(), { name: "Hall" }, key);
  expect((await first.json<{ id: string }>()).id).not.toBe((await second.json<{ id: string }>()).id);
});

test("the list is the caller's own, page by page, each once", async () => {
  const owner = await newVerifiedPerson();
  await newOrganization(await newVerifiedPerson());
  const ids: string[] = [];
  for (let count = 0; count < 5; count += 1) ids.push((await newOrganization(owner)).id);
  const seen: string[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const query: string = cursor === "" ? "limit=2" : `limit=2&cursor=${cursor}`;
    const response = await send("GET", `${path}?${query}`, undefined, owner.headers);
    expect(response.headers.get("cache-control")).toBe("no-store");
    const page: { data: { id: string }[]; nextCursor: string | null } = await response.json();
    expect(page.data.length).toBeLessThanOrEqual(2);
    seen.push(...page.data.map((organization) => organization.id));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual([...ids].sort());
});

test.each(["limit=0", "limit=101", "limit=x", "cursor=nonsense!", "cursor=e30", "order=asc"])(
  "a list asked with %s is refused",
  async (query) => {
    const { headers } = await newPerson();
    await expectProblem(await send("GET", `${path}?${query}`, undefined, headers), 422, "request.invalid");
  },
);

test("an organization is renamed by its version, and a stale one is refused", async () => {
  const owner = await newVerifiedPerson();
  const { id, slug } = await newOrganization(owner);
  const conditional = { ...owner.headers, "if-match": '"1.owner"' };
  const changed = await send("PATCH", `${path}/${id}`, { name: "Opera" }, conditional);
  expect(changed.status).toBe(200);
  expect(changed.headers.get("etag")).toBe('"2.owner"');
  expect(await changed.json()).toMatchObject({ name: "Opera", slug });
  await expectProblem(
    await send("PATCH", `${path}/${id}`, { name: "Late" }, conditional),
    412,
    "request.precondition_failed",
  );
  const { results } = await env.USERS_DB.prepare("SELECT action FROM audit WHERE organization_id = ?1 ORDER BY id")
    .bind(id)
    .all();
  expect(results).toEqual([{ action: "organization.created" }, { action: "organization.updated" }]);
});

test("of renames from one version at once one is taken, and one is in the trail", async () => {
  const owner = await newVerifiedPerson();
  const { id } = await newOrganization(owner);
  const conditional = { ...owner.headers, "if-match": '"1.owner"' };
  const answers = await Promise.all(
    ["A", "B", "C", "D"].map((name) => send("PATCH", `${path}/${id}`, { name }, conditional)),
  );
  expect(answers.map((response) => response.status).sort()).toEqual([200, 412, 412, 412]);
  const count = await env.USERS_DB.prepare(
    "SELECT count(*) AS count FROM audit WHERE organization_id = ?1 AND action = 'organization.updated'",
  )
    .bind(id)
    .first("count");
  expect(count).toBe(1);
});

test("another's slug cannot be taken over", async () => {
  const owner = await newVerifiedPerson();
  const theirs = await newOrganization(await newVerifiedPerson());
  const mine = await newOrganization(owner);
  const response = await send("PATCH", `${path}/${mine.id}`, { slug: theirs.slug }, owner.headers);
  await expectProblem(response, 409, "users.slug_taken");
});

test.each([
  ["an owner", { name: "Hall", ownerId: "usr_00000000000000000000000000" }, "ownerId"],
  ["an id", { name: "Hall", id: "org_00000000000000000000000000" }, "id"],
  ["a role", { name: "Hall", role: "owner" }, "role"],
  ["a slug with capitals", { name: "Hall", slug: "Hall" }, "slug"],
  ["a slug of dashes", { name: "Hall", slug: "---" }, "slug"],
  ["a slug of a path", { name: "Hall", slug: "../admin" }, "slug"],
  ["a short slug", { name: "Hall", slug: "ab" }, "slug"],
  ["a long slug", { name: "Hall", slug: "a".repeat(61) }, "slug"],
  ["a name with an escape", { name: "Hall\u001b[31m" }, "name"],
  ["a number for a name", { name: 1e9 }, "name"],
])("%s in the body is refused on creating and on changing", async (_, body, field) => {
  const owner = await newVerifiedPerson();
  const { id } = await newOrganization(owner);
  for (const response of [await create(owner, body), await send("PATCH", `${path}/${id}`, body, owner.headers)]) {
    const problem = await expectProblem(response, 422, "request.invalid");
    expect(problem.errors?.map((fault) => fault.path)).toContain(field);
  }
});

const idRoutes = [
  ["GET", "", undefined],
  ["PATCH", "", { name: "Mine now" }],
  ["GET", "/members", undefined],
] as const;

test.each(idRoutes)("%s …/{id}%s does not find another tenant's organization", async (method, suffix, body) => {
  const owner = await newVerifiedPerson();
  const { id } = await newOrganization(owner);
  const stranger = await newVerifiedPerson();
  await newOrganization(stranger);
  for (const unknown of [id, newId("organization", Date.now())]) {
    const response = await send(method, `${path}/${unknown}${suffix}`, body, stranger.headers);
    await expectProblem(response, 404, "users.organization_not_found");
  }
  for (const malformed of ["org_1", "usr_00000000000000000000000000", "%00", "1%27%20OR%201=1"]) {
    const response = await send(method, `${path}/${malformed}${suffix}`, body, stranger.headers);
    await expectProblem(response, 404, "request.not_found");
  }
  expect(await (await send("GET", `${path}/${id}`, undefined, owner.headers)).json()).toMatchObject({
    name: "Concert Hall",
  });
});

test.each([["POST", "", { name: "Hall" }] as const, ["GET", "", undefined] as const, ...idRoutes])(
  "%s %s needs a valid access token",
  async (method, suffix, body) => {
    const target = suffix === "" && method === "POST" ? path : `${path}/${newId("organization", 1)}${suffix}`;
    await expectProblem(await send(method, target, body), 401, "auth.required");
    for (const token of Object.values(await badTokens())) {
      const response = await send(method, target, body, { authorization: `Bearer ${token}` });
      await expectProblem(response, 401, "auth.invalid_token");
    }
  },
);

test("a member without the power to manage members sees names and no addresses, and renames nothing", async () => {
  const { id } = await newOrganization(await newVerifiedPerson());
  const door = await newPerson();
  await addMember(id, door.user.id, "door");
  const members = await send("GET", `${path}/${id}/members?limit=1`, undefined, door.headers);
  const page = await members.json<{ data: { email: string | null }[]; nextCursor: string }>();
  expect(page.data.map((member) => member.email)).toEqual([null]);
  const next = await send("GET", `${path}/${id}/members?cursor=${page.nextCursor}`, undefined, door.headers);
  expect(await next.json()).toMatchObject({ data: [{ userId: door.user.id, role: "door" }], nextCursor: null });
  await expectProblem(await send("PATCH", `${path}/${id}`, { name: "x" }, door.headers), 403, "auth.forbidden");
});

test("a platform's administrator has no key to a tenant's door", async () => {
  const { id } = await newOrganization(await newVerifiedPerson());
  const admin = await newVerifiedPerson();
  await env.USERS_DB.prepare("UPDATE users SET platform_admin = 1 WHERE id = ?1").bind(admin.user.id).run();
  const login = await send("POST", "/v1/auth/refresh", { refreshToken: admin.session.refreshToken });
  const { session } = await login.json<{ session: { accessToken: string } }>();
  const headers = { authorization: `Bearer ${session.accessToken}` };
  await expectProblem(await send("GET", `${path}/${id}`, undefined, headers), 404, "users.organization_not_found");
});
