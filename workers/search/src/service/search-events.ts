import type { SearchFacets, SearchPage, SearchQuery } from "@foyer/contracts/search/api";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import type { Clock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import { correctableCharsMin, corrections } from "../domain/corrections.ts";
import { tagKey } from "../domain/document.ts";
import { countFacets } from "../domain/facets.ts";
import { fold, matchExpression, wordsOf } from "../domain/query-text.ts";
import type { TimedCache } from "../domain/timed-cache.ts";
import type { Filters, FoundEvent, Position, Search, SearchIndex } from "./search-index.ts";

export interface SearchDeps {
  readonly index: SearchIndex;
  readonly clock: Clock;
  readonly pages: TimedCache<SearchPage>;
  readonly facets: TimedCache<SearchFacets>;
}

/** How a list was found and is ordered, and the position of its last event. */
const cursorSchema = z.tuple([
  z.enum(["written", "corrected"]),
  z.enum(["relevance", "date"]),
  z.int(),
  z.int(),
  z.int(),
]);

/**
 * Finds published events. One round trip to the index; where a word is in no document, similar words are looked up and
 * tried instead. Fails with `request.invalid` for a cursor of another list.
 */
export async function searchEvents(deps: SearchDeps, query: SearchQuery): Promise<Result<SearchPage>> {
  const nowMs = deps.clock.nowMs();
  const key = JSON.stringify(query);
  const known = deps.pages.get(key, nowMs);
  if (known !== undefined) return ok(known);

  const words = wordsOf(query.q ?? "");
  const sort = words.length === 0 ? "date" : (query.sort ?? "relevance");
  let after: Position | null = null;
  let way: "written" | "corrected" = "written";
  if (query.cursor !== undefined) {
    const cursor = decodeCursor(
      query.cursor,
      cursorSchema.refine(([, cursorSort]) => cursorSort === sort),
    );
    if (!cursor.ok) return cursor;
    const [cursorWay, , ...position] = cursor.value;
    [way, after] = [cursorWay, position];
  }
  // Signs without a word in them (`"*(`, an emoji) are in no document.
  if (words.length === 0 && (query.q ?? "") !== "") return ok(nothing);

  const base = { words, filters: filtersOf(query), sort, after, limit: query.limit + 1, nowMs } as const;
  const written = matchExpression(words.map((word) => [word]));
  let correctedTo: string[] | null = null;
  let found = way === "written" ? await findWithFacets(deps, { ...base, expression: written }) : null;
  if (found === null || (found.events.length === 0 && after === null && found.unknownWords.length > 0)) {
    const corrected = await correct(deps.index, words);
    if (corrected !== null) {
      way = "corrected";
      correctedTo = [...new Set(corrected.flat())];
      found = await findWithFacets(deps, { ...base, expression: matchExpression(corrected) });
    }
  }
  if (found === null || found.events.length === 0) return ok(nothing);

  const page = toPage(found.events, query.limit, ({ position }) => [way, sort, ...position]);
  const value = {
    data: page.data.map(({ hit }) => hit),
    nextCursor: page.nextCursor,
    facets: after === null && page.nextCursor === null ? countOf(found.events) : found.facets,
    correctedTo,
  };
  deps.pages.set(key, value, nowMs);
  return ok(value);
}

const nothing: SearchPage = { data: [], nextCursor: null, facets: { categories: [], tags: [] }, correctedTo: null };

/** A page and the facets of the whole list, which are counted again only when the isolate's have grown old. */
async function findWithFacets(deps: SearchDeps, search: Search) {
  const key = JSON.stringify([search.expression, search.filters]);
  const known = deps.facets.get(key, search.nowMs);
  const found = await deps.index.find(search, known === undefined);
  if (found.facets !== null && found.events.length > 0) deps.facets.set(key, found.facets, search.nowMs);
  return { ...found, facets: found.facets ?? known ?? nothing.facets };
}

/** Alternatives for each word: itself, and, where no document has it, what resembles it. Null where nothing does. */
async function correct(index: SearchIndex, words: readonly string[]): Promise<string[][] | null> {
  const correctable = words.filter((word) => {
    const { length } = [...fold(word)];
    // A number that nothing has is another number, not a slip of the hand.
    return length >= correctableCharsMin && length <= limits.dictionaryWordCharsMax && !/\p{N}/u.test(word);
  });
  if (correctable.length === 0) return null;
  const similar = await index.findSimilarWords(correctable);
  const alternatives = words.map((word) => [...new Set([word, ...corrections(word, similar.get(word) ?? [])])]);
  return alternatives.some(({ length }) => length > 1) ? alternatives : null;
}

function countOf(events: readonly FoundEvent[]): SearchFacets {
  return countFacets(events.map(({ hit, tagKeys, position: [, , row] }) => ({ category: hit.category, row, tagKeys })));
}

function filtersOf(query: SearchQuery): Filters {
  return {
    category: query.category ?? null,
    tag: query.tag === undefined ? null : tagKey(query.tag),
    fromMs: query.from ?? null,
    toMs: query.to ?? null,
    circle:
      query.near === undefined ? null : { ...query.near, radiusKm: query.radiusKm ?? limits.searchRadiusKmDefault },
    priceMaxMinor: query.priceMax ?? null,
    currency: query.currency ?? null,
    free: query.free ?? null,
    online: query.online ?? null,
    organizationId: query.organizationId ?? null,
  };
}
