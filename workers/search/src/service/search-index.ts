import type { SearchFacets, SearchHit, Suggestion } from "@foyer/contracts/search/api";
import type { OrganizationId } from "@foyer/kernel/ids";
import type { Circle } from "../domain/geo.ts";

/** What a found event must satisfy beside its text. */
export interface Filters {
  readonly category: string | null;
  readonly tag: string | null;
  /** Start at or after; null for events that are not over. */
  readonly fromMs: number | null;
  /** Start before. */
  readonly toMs: number | null;
  readonly circle: Circle | null;
  readonly priceMaxMinor: number | null;
  readonly currency: string | null;
  readonly free: boolean | null;
  readonly online: boolean | null;
  readonly organizationId: OrganizationId | null;
}

/** Where a found event stands in its list: tier of relevance (0 by date; smaller is better), start, row. */
export type Position = readonly [tier: number, startsAtMs: number, row: number];

/** A found event, where it stands, and its tags as they are compared. */
export interface FoundEvent {
  readonly hit: SearchHit;
  readonly position: Position;
  readonly tagKeys: readonly string[];
}

export interface Search {
  /** FTS5 expression; null to list without a text. */
  readonly expression: string | null;
  /** The words that the expression was made from. */
  readonly words: readonly string[];
  readonly filters: Filters;
  readonly sort: "relevance" | "date";
  readonly after: Position | null;
  readonly limit: number;
  readonly nowMs: number;
}

/** Port of the index. Each method is one round trip. */
export interface SearchIndex {
  /**
   * Up to `limit` events after a position, and how all of them divide where that is asked for. `unknownWords`, told only
   * with facets: nothing has all of the words, because these are in no document at all.
   */
  find(
    search: Search,
    withFacets: boolean,
  ): Promise<{
    readonly events: readonly FoundEvent[];
    readonly facets: SearchFacets | null;
    readonly unknownWords: readonly string[];
  }>;
  /**
   * For each of these words that is in no document, words of the dictionary that resemble it; not yet compared
   * letter by letter.
   */
  findSimilarWords(words: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
  /** Events and tags that continue what is being typed. */
  suggest(input: {
    readonly expression: string;
    readonly tagPrefix: string;
    readonly nowMs: number;
  }): Promise<Suggestion[]>;
}
