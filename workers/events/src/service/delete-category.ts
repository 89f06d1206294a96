import { requirePlatformAdmin } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { checkIfMatch, etagOf } from "@foyer/http/etag";
import type { Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";

/** Removes a category that neither an event nor a category below it has; administrators of the platform only. `events.category_in_use`. */
export async function deleteCategory(
  deps: Pick<Deps, "categories">,
  call: CallContext,
  input: { readonly id: Id<"category">; readonly ifMatch: string | undefined },
): Promise<Result<null>> {
  const admin = requirePlatformAdmin(call.actor);
  if (!admin.ok) return admin;
  const category = await deps.categories.find(input.id);
  if (category === null) return fail("events.category_not_found", "No such category.");
  const current = checkIfMatch(input.ifMatch, etagOf(category.version));
  if (!current.ok) return current;
  return (await deps.categories.remove(input.id)) === "in_use"
    ? fail("events.category_in_use", "Events, or categories below it, have this category.")
    : ok(null);
}
