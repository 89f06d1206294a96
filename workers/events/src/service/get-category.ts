import type { Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { type PlacedCategory, placeIn } from "../domain/category.ts";

/** Reads one category with its place in the tree, for anyone. `events.category_not_found`. */
export async function getCategory(
  deps: Pick<Deps, "categories">,
  input: { readonly id: Id<"category"> },
): Promise<Result<PlacedCategory>> {
  const all = await deps.categories.all();
  const category = all.find(({ id }) => id === input.id);
  return category === undefined ? fail("events.category_not_found", "No such category.") : ok(placeIn(all, category));
}
