import { requirePlatformAdmin } from "@foyer/auth/guards";
import type { UpdateCategory } from "@foyer/contracts/events/categories";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { checkIfMatch, etagOf } from "@foyer/http/etag";
import type { Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { type Category, type PlacedCategory, placeFault, placeIn } from "../domain/category.ts";
import { untilStored } from "./change.ts";

/**
 * Renames or moves a category with all below it; administrators of the platform only. Events name it by its id and follow. Fails with
 * `events.category_not_found`, `request.precondition_failed`, `events.category_taken`, `events.too_many_names`, and `request.invalid` where
 * the tree has no place for it below its parent.
 */
export async function updateCategory(
  deps: Pick<Deps, "categories">,
  call: CallContext,
  input: { readonly id: Id<"category">; readonly ifMatch: string | undefined; readonly patch: UpdateCategory },
): Promise<Result<PlacedCategory>> {
  const admin = requirePlatformAdmin(call.actor);
  if (!admin.ok) return admin;
  return untilStored<PlacedCategory>(async () => {
    const all = await deps.categories.all();
    const before = all.find(({ id }) => id === input.id);
    if (before === undefined) return fail("events.category_not_found", "No such category.");
    const current = checkIfMatch(input.ifMatch, etagOf(before.version));
    if (!current.ok) return current;
    const after = patchCategory(before, input.patch);
    if (Object.keys(after.names).length > limits.namesPerCategoryMax)
      return fail("events.too_many_names", `A category has names in at most ${limits.namesPerCategoryMax} languages.`);
    const moves = after.parentId !== null && after.parentId !== before.parentId;
    const fault = moves && after.parentId !== null ? placeFault(all, before.id, after.parentId) : null;
    if (fault !== null) return fail("request.invalid", "Some fields are not valid; see errors.", { errors: [fault] });
    switch (await deps.categories.save(after)) {
      case "stored":
        return ok(placeIn(all, after));
      case "slug_taken":
        return fail("events.category_taken", "A category with this slug exists.");
      case "overtaken":
        return "overtaken";
    }
  });
}

function patchCategory(before: Category, patch: UpdateCategory): Category {
  const names = Object.entries({ ...before.names, ...patch.names }).flatMap(([locale, name]) =>
    name === null ? [] : [[locale, name] as const],
  );
  return {
    ...before,
    name: patch.name ?? before.name,
    slug: patch.slug ?? before.slug,
    parentId: patch.parentId === undefined ? before.parentId : patch.parentId,
    names: Object.fromEntries(names),
    position: patch.position ?? before.position,
    version: before.version + 1,
  };
}
