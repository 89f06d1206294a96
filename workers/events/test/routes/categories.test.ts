import type { CategoryView } from "@foyer/contracts/events/api";
import { newId } from "@foyer/kernel/ids";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { expect, test } from "vitest";
import { call, createDraft, newOrganizer, problemOf } from "../helpers.ts";

const admin = () => newTestUser({ platformAdmin: true });
const fresh = (): string => `x-${crypto.randomUUID().slice(0, 8)}`;

async function createCategory(slug = fresh()): Promise<CategoryView> {
  const response = await call("POST", "/v1/categories", { user: await admin(), body: { name: "Name", slug } });
  expect(response.status).toBe(201);
  return response.json();
}

test("a fresh platform has the usual categories, page by page", async () => {
  const first = await call("GET", "/v1/categories?limit=10");
  expect(first.headers.get("cache-control")).toContain("s-maxage");
  const page: { data: CategoryView[]; nextCursor: string } = await first.json();
  const rest = await call("GET", `/v1/categories?limit=100&cursor=${page.nextCursor}`);
  const more: { data: CategoryView[]; nextCursor: null } = await rest.json();
  const slugs = [...page.data, ...more.data].map(({ slug }) => slug);
  expect(slugs).toEqual(expect.arrayContaining(["music", "business", "food-drink", "sports", "technology"]));
  expect(slugs).toEqual([...new Set(slugs)].sort());
  expect(more.nextCursor).toBeNull();
});

test("an administrator adds, renames and removes a category", async () => {
  const user = await admin();
  const category = await createCategory();
  const renamed = await call("PATCH", `/v1/categories/${category.id}`, { user, body: { name: "Else 🎷" } });
  expect(await renamed.json()).toEqual({ ...category, name: "Else 🎷", version: 2 });
  expect(renamed.headers.get("etag")).toBe('"2"');
  const stale = { user, body: { name: "Old" }, headers: { "if-match": '"1"' } };
  expect((await call("PATCH", `/v1/categories/${category.id}`, stale)).status).toBe(412);
  expect((await call("DELETE", `/v1/categories/${category.id}`, { user })).status).toBe(204);
  const gone = await call("DELETE", `/v1/categories/${category.id}`, { user });
  expect([gone.status, (await problemOf(gone)).code]).toEqual([404, "events.category_not_found"]);
  const lost = await call("PATCH", `/v1/categories/${category.id}`, { user, body: { name: "x" } });
  expect(lost.status).toBe(404);
});

test("a slug is taken once", async () => {
  const user = await admin();
  const category = await createCategory();
  const other = await createCategory();
  const twice = await call("POST", "/v1/categories", { user, body: { name: "Again", slug: category.slug } });
  expect([twice.status, (await problemOf(twice)).code]).toEqual([409, "events.category_taken"]);
  const moved = await call("PATCH", `/v1/categories/${other.id}`, { user, body: { slug: category.slug } });
  expect([moved.status, (await problemOf(moved)).code]).toEqual([409, "events.category_taken"]);
});

test("a category that events have stays", async () => {
  const category = await createCategory();
  await createDraft(await newOrganizer(), { categoryId: category.id });
  const response = await call("DELETE", `/v1/categories/${category.id}`, { user: await admin() });
  expect([response.status, (await problemOf(response)).code]).toEqual([409, "events.category_in_use"]);
});

test.each([
  [{ name: "x" }, "slug"],
  [{ name: "x", slug: "No Slug" }, "slug"],
  [{ name: "x", slug: "x".repeat(41) }, "slug"],
  [{ name: "a\u0000", slug: "ok" }, "name"],
  [{ name: "x".repeat(121), slug: "ok" }, "name"],
  [{ name: 1, slug: "ok" }, "name"],
  [{ name: "x", slug: "ok", id: "cat_1" }, "id"],
])("%j is refused by name", async (body, path) => {
  const response = await call("POST", "/v1/categories", { user: await admin(), body });
  expect(response.status).toBe(422);
  expect((await problemOf(response)).errors?.map((fault) => fault.path)).toContain(path);
});

test("nobody but an administrator of the platform changes categories", async () => {
  const category = await createCategory();
  const owner = (await newOrganizer()).user;
  const attempts = [
    ["POST", "/v1/categories", { name: "Mine", slug: fresh() }],
    ["PATCH", `/v1/categories/${category.id}`, { name: "Mine" }],
    ["DELETE", `/v1/categories/${category.id}`, undefined],
    ["DELETE", `/v1/categories/${newId("category", 1)}`, undefined],
  ] as const;
  for (const [method, path, body] of attempts) {
    const options = body === undefined ? {} : { body };
    expect((await call(method, path, options)).status).toBe(401);
    expect((await call(method, path, { ...options, user: owner })).status).toBe(403);
    for (const [what, token] of Object.entries(await badTokens())) {
      const response = await call(method, path, { ...options, headers: { authorization: `Bearer ${token}` } });
      expect([what, response.status]).toEqual([what, 401]);
    }
  }
});
