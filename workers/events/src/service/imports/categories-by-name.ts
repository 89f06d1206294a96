import type { Id } from "@foyer/kernel/ids";
import type { Deps } from "../../deps.ts";

/** Every category by its slug and by its names, in lower case: files name them as people do. A slug comes before another's name. */
export async function categoriesByName(deps: Pick<Deps, "categories">): Promise<ReadonlyMap<string, Id<"category">>> {
  const categories = await deps.categories.all();
  const bySlug = categories.map(({ id, slug }) => [slug, id] as const);
  const byName = categories.flatMap(({ id, name, names }) =>
    [name, ...Object.values(names)].map((known) => [known.toLowerCase(), id] as const),
  );
  return new Map([...byName, ...bySlug]);
}
