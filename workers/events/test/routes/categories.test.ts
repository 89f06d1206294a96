import { env } from "cloudflare:workers";
import type { CategoryView, CategoryWithNamesView } from "@foyer/contracts/events/categories";
import { type Id, newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { badTokens, newTestUser } from "@foyer/testing/tokens";
import { describe, expect, test } from "vitest";
import { call, createDraft, newOrganizer, problemOf } from "../helpers.ts";
import { ownApp } from "../own-app.ts";

const admin = () => newTestUser({ platformAdmin: true });
const fresh = (): string => `x-${crypto.randomUUID().slice(0, 8)}`;

async function createCategory(more: Record<string, unknown> = {}): Promise<CategoryWithNamesView> {
  const body = { name: "Name", slug: fresh(), ...more };
  const response = await call("POST", "/v1/categories", { user: await admin(), body });
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
  expect(slugs).toEqual([...new Set(slugs)]);
  expect(more.nextCursor).toBeNull();
});

test("an administrator adds, renames and removes a category", async () => {
  const user = await admin();
  const category = await createCategory();
  const renamed = await call("PATCH", `/v1/categories/${category.id}`, { user, body: { name: "Else 🎷" } });
  const path = [{ id: category.id, slug: category.slug, name: "Else 🎷" }];
  expect(await renamed.json()).toEqual({ ...category, name: "Else 🎷", path, version: 2 });
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
  [{ name: "x", slug: "ok", parentId: "cat_1" }, "parentId"],
  [{ name: "x", slug: "ok", parentId: newId("category", 1) }, "parentId"],
  [{ name: "x", slug: "ok", position: -1 }, "position"],
  [{ name: "x", slug: "ok", position: limits.categoryPositionMax + 1 }, "position"],
  [{ name: "x", slug: "ok", names: { "not a language": "x" } }, "names.not a language"],
  [{ name: "x", slug: "ok", names: { de: "" } }, "names.de"],
  [{ name: "x", slug: "ok", names: { de: null } }, "names.de"],
  [{ name: "x", slug: "ok", names: [] }, "names"],
])("%j is refused by name", async (body, path) => {
  const response = await call("POST", "/v1/categories", { user: await admin(), body });
  expect(response.status).toBe(422);
  expect((await problemOf(response)).errors?.map((fault) => fault.path)).toContain(path);
});

const move = async (id: string, parentId: string | null) =>
  call("PATCH", `/v1/categories/${id}`, { user: await admin(), body: { parentId } });

describe("the tree", () => {
  test("a category says what is above it, and a page shows each before what is below it", async () => {
    const top = await createCategory();
    const second = await createCategory({ parentId: top.id, position: 2 });
    const first = await createCategory({ parentId: top.id, position: 1 });
    const below = await createCategory({ parentId: first.id });
    expect(below.path.map(({ id }) => id)).toEqual([top.id, first.id, below.id]);
    const read = await call("GET", `/v1/categories/${below.id}`);
    expect(await read.json()).toEqual(below);
    const ids: string[] = [];
    let cursor: string | null = null;
    do {
      const response = await call("GET", `/v1/categories?limit=3${cursor === null ? "" : `&cursor=${cursor}`}`);
      const page: { data: CategoryView[]; nextCursor: string | null } = await response.json();
      ids.push(...page.data.map(({ id }) => id));
      cursor = page.nextCursor;
    } while (cursor !== null);
    expect(new Set(ids).size).toBe(ids.length);
    const mine = new Set<string>([top.id, first.id, below.id, second.id]);
    expect(ids.filter((id) => mine.has(id))).toEqual([top.id, first.id, below.id, second.id]);
  });

  test("is four deep and no deeper, whether something is added or moved with all below it", async () => {
    const one = await createCategory();
    const two = await createCategory({ parentId: one.id });
    const three = await createCategory({ parentId: two.id });
    const four = await createCategory({ parentId: three.id });
    const user = await admin();
    const deeper = { name: "x", slug: fresh(), parentId: four.id };
    const refused = await call("POST", "/v1/categories", { user, body: deeper });
    expect(refused.status).toBe(422);
    expect((await problemOf(refused)).errors).toMatchObject([{ path: "parentId", code: "events.category_too_deep" }]);
    const other = await createCategory();
    const under = await move(one.id, other.id);
    expect([under.status, (await problemOf(under)).errors?.[0]?.code]).toEqual([422, "events.category_too_deep"]);
    const half: CategoryView = await (await move(three.id, other.id)).json();
    expect(half.path.map(({ id }) => id)).toEqual([other.id, three.id]);
    expect((await move(one.id, four.id)).status).toBe(422); // four is on the third level now, and one brings two
    const back: CategoryView = await (await move(three.id, null)).json();
    expect(back.parentId).toBeNull();
  });

  test("has no circles, also when two are moved below one another at once", async () => {
    const left = await createCategory();
    const right = await createCategory();
    const itself = await move(left.id, left.id);
    expect((await problemOf(itself)).errors).toMatchObject([{ path: "parentId", code: "events.category_cycle" }]);
    const answers = await Promise.all([move(left.id, right.id), move(right.id, left.id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
    for (const { id } of [left, right]) {
      const placed: CategoryView = await (await call("GET", `/v1/categories/${id}`)).json();
      expect(placed.path.map((step) => step.id)).toHaveLength(placed.parentId === null ? 1 : 2);
    }
  });

  test("stays within its depth when it grows at both ends at once", async () => {
    const top = await createCategory();
    const second = await createCategory({ parentId: top.id });
    const third = await createCategory({ parentId: second.id });
    const above = await createCategory();
    const below = await createCategory();
    const answers = await Promise.all([move(top.id, above.id), move(below.id, third.id)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 422]);
  });

  test("the database refuses what was decided on a reading that is old by then", async () => {
    const app = ownApp();
    const { categories } = app.deps;
    const [top, second, third, fourth] = [
      await createCategory(),
      await createCategory(),
      await createCategory(),
      await createCategory(),
    ];
    for (const [child, parent] of [
      [second, top],
      [third, second],
      [fourth, third],
    ] as const)
      expect((await move(child.id, parent.id)).status).toBe(200);
    const stale = (id: Id<"category">, parentId: Id<"category">) => ({
      id,
      slug: fresh(),
      name: "x",
      names: {},
      parentId,
      position: 0,
      version: 1,
    });
    expect(await categories.insert(stale(newId("category", 1), fourth.id))).toBe("overtaken");
    expect(await categories.insert(stale(newId("category", 1), newId("category", 2)))).toBe("overtaken");
    expect(await categories.save({ ...stale(top.id, third.id), version: top.version + 1 })).toBe("overtaken");
    const other = await createCategory();
    expect(await categories.save({ ...stale(top.id, other.id), version: top.version + 1 })).toBe("overtaken");
    expect(await categories.save({ ...stale(other.id, third.id), version: other.version + 1 })).toBe("stored");
  });

  test("a category with others below it stays", async () => {
    const top = await createCategory();
    const below = await createCategory({ parentId: top.id });
    const user = await admin();
    const refused = await call("DELETE", `/v1/categories/${top.id}`, { user });
    expect([refused.status, (await problemOf(refused)).code]).toEqual([409, "events.category_in_use"]);
    expect((await call("DELETE", `/v1/categories/${below.id}`, { user })).status).toBe(204);
    expect((await call("DELETE", `/v1/categories/${top.id}`, { user })).status).toBe(204);
  });
});

describe("names in several languages", () => {
  test("a reader gets the best of the languages that they want, along the whole path", async () => {
    const top = await createCategory({ name: "Music", names: { DE: "Musik", "pt-br": "Música" } });
    const below = await createCategory({ name: "Choirs", parentId: top.id, names: { de: "Chöre" } });
    expect(Object.keys(top.names).sort()).toEqual(["de", "pt-BR"]);
    const namesFor = async (query: string, headers: Record<string, string>) => {
      const response = await call("GET", `/v1/categories/${below.id}${query}`, { headers });
      const view: CategoryView = await response.json();
      expect(response.headers.get("content-language")).toBe(view.locale);
      return [view.locale, view.name, view.path.map(({ name }) => name).join(" / ")];
    };
    expect(await namesFor("", {})).toEqual(["en", "Choirs", "Music / Choirs"]);
    expect(await namesFor("", { "accept-language": "de-AT, en;q=0.5" })).toEqual(["de", "Chöre", "Musik / Chöre"]);
    expect(await namesFor("", { "accept-language": "pt-BR" })).toEqual(["en", "Choirs", "Música / Choirs"]);
    expect(await namesFor("?locale=de-ch", { "accept-language": "en" })).toEqual(["de", "Chöre", "Musik / Chöre"]);
  });

  test("shared caches are told what an answer depends on", async () => {
    const byHeader = await call("GET", "/v1/categories?limit=1", { headers: { "accept-language": "de" } });
    expect(byHeader.headers.get("vary")?.toLowerCase()).toContain("accept-language");
    const byQuery = await call("GET", "/v1/categories?limit=1&locale=de", { headers: { "accept-language": "fr" } });
    expect(byQuery.headers.get("vary") ?? "").not.toContain("accept-language");
  });

  test("an administrator changes them one by one", async () => {
    const user = await admin();
    const { id } = await createCategory({ names: { de: "Eins", fr: "Un" } });
    const body = { names: { de: null, it: "Uno", fr: "Une" } };
    const changed: CategoryWithNamesView = await (await call("PATCH", `/v1/categories/${id}`, { user, body })).json();
    expect(changed.names).toEqual({ fr: "Une", it: "Uno" });
  });

  test("there are as many as the limit and no more", async () => {
    const user = await admin();
    const letters = Array.from("abcdefghijklmnopqrstuvwxyz");
    const tags = letters.flatMap((first) => letters.map((second) => `q${first}${second}`));
    const some = (count: number) => Object.fromEntries(tags.slice(0, count).map((tag) => [tag, tag]));
    const { id } = await createCategory({ names: some(limits.namesPerCategoryMax) });
    const post = { user, body: { name: "x", slug: fresh(), names: some(limits.namesPerCategoryMax + 1) } };
    expect((await call("POST", "/v1/categories", post)).status).toBe(422);
    const more = await call("PATCH", `/v1/categories/${id}`, { user, body: { names: { de: "x" } } });
    expect([more.status, (await problemOf(more)).code]).toEqual([409, "events.too_many_names"]);
  });
});

test("there are as many categories as the limit and no more", async () => {
  const app = ownApp();
  const known = (await app.deps.categories.all()).length;
  const fillers = Array.from({ length: limits.categoriesMax - known - 1 }, () => newId("category", 1));
  await env.EVENTS_DB.batch(
    fillers.map((id) =>
      env.EVENTS_DB.prepare("INSERT INTO categories (id, slug, name, version) VALUES (?1, ?1, 'x', 1)").bind(id),
    ),
  );
  const last = await createCategory();
  const refused = await call("POST", "/v1/categories", { user: await admin(), body: { name: "x", slug: fresh() } });
  expect([refused.status, (await problemOf(refused)).code]).toEqual([409, "events.too_many_categories"]);
  const late = { ...last, id: newId("category", 1), slug: fresh(), parentId: null };
  expect(await app.deps.categories.insert(late)).toBe("overtaken");
  await env.EVENTS_DB.batch(
    fillers.map((id) => env.EVENTS_DB.prepare("DELETE FROM categories WHERE id = ?1").bind(id)),
  );
});

test("a category that does not exist is not read", async () => {
  const response = await call("GET", `/v1/categories/${newId("category", 1)}`);
  expect([response.status, (await problemOf(response)).code]).toEqual([404, "events.category_not_found"]);
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
