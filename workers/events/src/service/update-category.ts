import { requirePlatformAdmin } from "@foyer/auth/guards";
import type { CategoryView } from "@foyer/contracts/events/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { checkIfMatch, etagOf } from "@foyer/http/etag";
import type { Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { untilStored } from "./change.ts";

/** Renames a category; administrators of the platform only. Events name it by its id and follow. */
export async function updateCategory(
  deps: Pick<Deps, "categories">,
  call: CallContext,
  input: {
    readonly id: Id<"category">;
    readonly ifMatch: string | undefined;
    readonly patch: { readonly name?: string | undefined; readonly slug?: string | undefined };
  },
): Promise<Result<CategoryView>> {
  const admin = requirePlatformAdmin(call.actor);
  if (!admin.ok) return admin;
  return untilStored<CategoryView>(async () => {
    const before = await deps.categories.find(input.id);
    if (before === null) return fail("events.category_not_found", "No such category.");
    const current = checkIfMatch(input.ifMatch, etagOf(before.version));
    if (!current.ok) return current;
    const { name = before.name, slug = before.slug } = input.patch;
    const after = { ...before, name, slug, version: before.version + 1 };
    switch (await deps.categories.save(after)) {
      case "stored":
        return ok(after);
      case "slug_taken":
        return fail("events.category_taken", "A category with this slug exists.");
      case "overtaken":
        return "overtaken";
    }
  });
}
