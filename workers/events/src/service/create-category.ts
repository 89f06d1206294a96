import { requirePlatformAdmin } from "@foyer/auth/guards";
import type { CreateCategory } from "@foyer/contracts/events/categories";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { type PlacedCategory, placeFault, placeIn } from "../domain/category.ts";
import { untilStored } from "./change.ts";

/**
 * Adds a category; administrators of the platform only. `events.category_taken`, `events.too_many_categories`, and `request.invalid` where
 * the tree has no place for it below its parent.
 */
export async function createCategory(
  deps: Pick<Deps, "categories" | "clock">,
  call: CallContext,
  input: CreateCategory,
): Promise<Result<PlacedCategory>> {
  const admin = requirePlatformAdmin(call.actor);
  if (!admin.ok) return admin;
  const category = { ...input, id: newId("category", deps.clock.nowMs()), version: 1 };
  return untilStored<PlacedCategory>(async () => {
    const all = await deps.categories.all();
    if (all.length >= limits.categoriesMax)
      return fail("events.too_many_categories", `There are at most ${limits.categoriesMax} categories.`);
    const fault = category.parentId === null ? null : placeFault(all, null, category.parentId);
    if (fault !== null) return fail("request.invalid", "Some fields are not valid; see errors.", { errors: [fault] });
    switch (await deps.categories.insert(category)) {
      case "stored":
        return ok(placeIn(all, category));
      case "slug_taken":
        return fail("events.category_taken", "A category with this slug exists.");
      case "overtaken":
        return "overtaken";
    }
  });
}
