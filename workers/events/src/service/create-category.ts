import { requirePlatformAdmin } from "@foyer/auth/guards";
import type { CategoryView } from "@foyer/contracts/events/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";

/** Adds a category; administrators of the platform only. `events.category_taken`, `events.too_many_categories`. */
export async function createCategory(
  deps: Pick<Deps, "categories" | "clock">,
  call: CallContext,
  input: { readonly name: string; readonly slug: string },
): Promise<Result<CategoryView>> {
  const admin = requirePlatformAdmin(call.actor);
  if (!admin.ok) return admin;
  const category = { id: newId("category", deps.clock.nowMs()), slug: input.slug, name: input.name, version: 1 };
  switch (await deps.categories.insert(category)) {
    case "stored":
      return ok(category);
    case "slug_taken":
      return fail("events.category_taken", "A category with this slug exists.");
    case "full":
      return fail("events.too_many_categories", `There are at most ${limits.categoriesMax} categories.`);
  }
}
