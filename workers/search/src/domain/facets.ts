import type { SearchFacets } from "@foyer/contracts/search/api";
import { limits } from "@foyer/kernel/limits";

/** What of a found event is counted. */
export interface Counted {
  readonly category: Omit<SearchFacets["categories"][number], "count"> | null;
  /** Where its document stands among all: the name of a category is the one its latest document has. */
  readonly row: number;
  readonly tagKeys: readonly string[];
}

/** Counts categories and tags of events that are all at hand; equal to what the index counts. */
export function countFacets(events: readonly Counted[]): SearchFacets {
  const categories = new Map<string, SearchFacets["categories"][number]>();
  const tags = new Map<string, number>();
  for (const { category, tagKeys } of events.toSorted((left, right) => left.row - right.row)) {
    if (category !== null)
      categories.set(category.id, { ...category, count: (categories.get(category.id)?.count ?? 0) + 1 });
    for (const tag of tagKeys) tags.set(tag, (tags.get(tag) ?? 0) + 1);
  }
  return {
    categories: top([...categories.values()], (entry) => entry.id),
    tags: top(
      [...tags].map(([tag, count]) => ({ tag, count })),
      (entry) => entry.tag,
    ),
  };
}

function top<T extends { readonly count: number }>(entries: T[], keyOf: (entry: T) => string): T[] {
  return entries
    .sort((left, right) => right.count - left.count || (keyOf(left) < keyOf(right) ? -1 : 1))
    .slice(0, limits.facetValuesMax);
}
