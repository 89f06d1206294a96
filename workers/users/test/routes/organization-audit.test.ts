import { env } from "cloudflare:workers";
import { newId } from "@foyer/kernel/ids";
import { beforeAll, expect, test } from "vitest";
import { createAuditTrail } from "../../src/repository/audit.ts";
import { actingAs, type House, impersonated, type Member, newHouse, newMember } from "../support/house.ts";
import { expectProblem, send } from "../support/people.ts";

interface Line {
  readonly id: string;
  readonly action: string;
}
interface Page {
  readonly data: Line[];
  readonly nextCursor: string | null;
}

let house: House;
let admin: Member;
beforeAll(async () => {
  house = await newHouse();
  admin = await newMember(house, "admin");
  const member = await newMember(house, "door");
  const patch = (path: string, body: object, by = house.owner) => send("PATCH", path, body, by.headers);
  await patch(house.path, { name: "Opera" });
  await patch(`${house.path}/members/${member.memberId}`, { role: "support" }, admin);
  await patch(house.path, { contactEmail: "opera.desk@example.com" }, { ...admin });
  await send("DELETE", `${house.path}/members/${member.memberId}`, undefined, house.owner.headers);
  await patch((await newHouse()).path, { name: "Elsewhere" });
});

async function list(query = ""): Promise<Page> {
  const response = await send("GET", `${house.path}/audit${query}`, undefined, house.owner.headers);
  expect(response.status).toBe(200);
  expect(response.headers.get("cache-control")).toBe("no-store");
  return response.json<Page>();
}

test("the trail of a house is its own, newest first, with who, what, of whom, from which state to which", async () => {
  const { data, nextCursor } = await list();
  expect(nextCursor).toBeNull();
  expect(data.map(({ action }) => action)).toEqual([
    "member.removed",
    "organization.updated",
    "member.role_changed",
    "organization.updated",
  ]);
  expect(data[1]).toEqual({
    id: expect.stringMatching(/^aud_/),
    at: expect.stringMatching(/Z$/),
    action: "organization.updated",
    actor: { kind: "user", id: admin.userId, impersonatorId: null },
    targetId: house.id,
    before: { contactEmail: null },
    after: { contactEmail: "o***@example.com" },
    requestId: expect.stringMatching(/^req_/),
  });
});

test("the trail is found by action, by subject, by who acted and by what it was done to", async () => {
  const actions = async (query: string) => (await list(query)).data.map(({ action }) => action);
  expect(await actions("?action=member.removed")).toEqual(["member.removed"]);
  expect(await actions("?action=member")).toEqual(["member.removed", "member.role_changed"]);
  expect(await actions("?action=memb")).toEqual([]);
  expect(await actions(`?action=${"x".repeat(64)}`)).toEqual([]);
  expect(await actions(`?actorId=${admin.userId}`)).toEqual(["organization.updated", "member.role_changed"]);
  expect(await actions(`?targetId=${house.id}&actorId=${house.owner.userId}`)).toEqual(["organization.updated"]);
  expect(await actions("?targetId=%25")).toEqual([]);
});

test("the trail is paged by the line that one has seen, each once", async () => {
  const all = (await list()).data.map(({ id }) => id);
  const seen: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Page = await list(`?limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`);
    seen.push(...page.data.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(all);
});

test.each([
  "?limit=0",
  "?limit=101",
  "?cursor=nonsense!",
  "?cursor=e30",
  "?action=*",
  "?action=member.removed'--",
  `?actorId=${"x".repeat(65)}`,
  "?organizationId=org_00000000000000000000000000",
])("the trail asked with %s is refused", async (query) => {
  const response = await send("GET", `${house.path}/audit${query}`, undefined, house.owner.headers);
  await expectProblem(response, 422, "request.invalid");
});

test("whoever acts in a member's place is named beside them", async () => {
  const acting = await actingAs(admin, impersonated);
  await send("PATCH", house.path, { description: "Closed on Mondays" }, acting.headers);
  const [newest] = (await list("?limit=1")).data;
  expect(newest).toMatchObject({ actor: { id: admin.userId, impersonatorId: impersonated.impersonatorId } });
});

test("reading a house's trail walks its own lines only, however long the whole trail is", async () => {
  const statements: string[] = [];
  const db = {
    prepare(text: string) {
      statements.push(text);
      return env.USERS_DB.prepare(text);
    },
  };
  const filter = { action: null, actorId: null, targetId: null, before: newId("audit", Date.now()), limit: 2 };
  await createAuditTrail(db as D1Database).list({ ...filter, organizationId: house.id }); // it prepares, and no more
  const { results } = await env.USERS_DB.prepare(`EXPLAIN QUERY PLAN ${statements[0]}`)
    .bind(filter.before, house.id, 2)
    .all<{ detail: string }>();
  expect(results.map(({ detail }) => detail)).toEqual([
    "SEARCH audit USING INDEX audit_by_organization (organization_id=? AND id<?)",
  ]);
});
