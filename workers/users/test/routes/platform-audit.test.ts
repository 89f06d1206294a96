import { expect, test } from "vitest";
import { newHouse, newMember } from "../support/house.ts";
import { newAdministrator, newVerifiedPerson, type Person, send } from "../support/people.ts";

interface Line {
  readonly id: string;
  readonly action: string;
  readonly organizationId: string | null;
  readonly actor: { readonly id: string | null; readonly impersonatorId: string | null };
  readonly after: unknown;
}
interface Page {
  readonly data: Line[];
  readonly nextCursor: string | null;
}

async function list(admin: Person, query: string): Promise<Page> {
  const response = await send("GET", `/v1/admin/audit${query}`, undefined, admin.headers);
  expect([query, response.status, response.headers.get("cache-control")]).toEqual([query, 200, "no-store"]);
  return response.json<Page>();
}

test("administrators read what was done in any organization and to any person", async () => {
  const admin = await newAdministrator();
  const house = await newHouse();
  const member = await newMember(house, "door");
  await send("PATCH", house.path, { name: "Opera" }, house.owner.headers);
  await send("DELETE", `${house.path}/members/${member.memberId}`, undefined, house.owner.headers);
  const person = await newVerifiedPerson();
  await send("POST", `/v1/admin/users/${person.user.id}/suspend`, { reason: "Fraud" }, admin.headers);

  const ofHouse = await list(admin, `?organizationId=${house.id}`);
  expect(ofHouse.data.map(({ action, organizationId }) => [action, organizationId])).toEqual([
    ["member.removed", house.id],
    ["organization.updated", house.id],
  ]);
  const ofPerson = await list(admin, `?targetId=${person.user.id}&action=user.suspended`);
  expect(ofPerson.data).toMatchObject([
    { action: "user.suspended", organizationId: null, actor: { id: admin.user.id, impersonatorId: null } },
  ]);
  const byAdmin = await list(admin, `?actorId=${admin.user.id}`);
  expect(byAdmin.data.map(({ action }) => action)).toContain("user.suspended");
  expect(JSON.stringify(ofPerson)).not.toContain(person.email);
});

test("the whole trail is paged by the line that one has seen, each once", async () => {
  const admin = await newAdministrator();
  const house = await newHouse();
  for (const name of ["One", "Two", "Three"]) await send("PATCH", house.path, { name }, house.owner.headers);
  const all = (await list(admin, `?organizationId=${house.id}`)).data.map(({ id }) => id);
  expect(all).toHaveLength(3);
  const seen: string[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const page: Page = await list(
      admin,
      `?limit=1&organizationId=${house.id}${cursor === "" ? "" : `&cursor=${cursor}`}`,
    );
    seen.push(...page.data.map(({ id }) => id));
    cursor = page.nextCursor;
  }
  expect(seen).toEqual(all);
});

test.each([
  ["?organizationId=org_1", "query.organizationId"],
  ["?action=A%20B", "query.action"],
  ["?limit=0", "query.limit"],
  [`?actorId=${"x".repeat(65)}`, "query.actorId"],
  ["?cursor=nonsense", "query.cursor"],
])("%s asks for nothing that there is, at %s", async (query, where) => {
  const admin = await newAdministrator();
  const answer = await send("GET", `/v1/admin/audit${query}`, undefined, admin.headers);
  const { code, errors } = await answer.json<{ code: string; errors: readonly { path: string }[] }>();
  expect([answer.status, code, errors.map(({ path }) => path)]).toEqual([422, "request.invalid", [where]]);
});
