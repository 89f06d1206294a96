import type { Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Deps } from "../../deps.ts";

/** Every category by its slug and by its name, in lower case: files name them as people do. */
export async function categoriesByName(deps: Pick<Deps, "categories">): Promise<ReadonlyMap<string, Id<"category">>> {
  const categories = await deps.categories.list({ limit: limits.categoriesMax, after: "" });
  return new Map(
    categories.flatMap(({ id, slug, name }) => [
      [name.toLowerCase(), id],
      [slug, id],
    ]),
  );
}
