import type { SearchFacets, SearchHit, Suggestion } from "@foyer/contracts/search/api";
import type { Id, OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { trigramsOf } from "../domain/corrections.ts";
import { toMarkedHtml } from "../domain/highlights.ts";
import { fold } from "../domain/query-text.ts";
import type { FoundEvent, SearchIndex } from "../service/search-index.ts";
import { facetsSql, pageSql, type Sql } from "./search-sql.ts";

/** A row of {@link pageSql}. Ids have been parsed before they were stored. */
interface PageRow {
  readonly row: number;
  readonly tier: number;
  readonly eventId: Id<"event">;
  readonly organizationId: OrganizationId;
  readonly startsAtMs: number;
  readonly startsAtLocal: string;
  readonly timezone: string;
  readonly online: number;
  readonly categoryId: Id<"category"> | null;
  readonly priceMinMinor: number | null;
  readonly priceMaxMinor: number | null;
  readonly currency: string | null;
  readonly soldOut: number;
  readonly slug: string;
  readonly coverMediaId: Id<"media"> | null;
  readonly title: string;
  readonly categoryName: string;
  readonly organizationName: string;
  readonly place: string;
  readonly tags: string;
  readonly tagKeys: string;
  readonly summary: string;
  readonly marked: string | null;
}

interface FacetRow {
  readonly kind: "category" | "tag" | "unknown";
  readonly value: string;
  readonly name: string;
  readonly count: number;
}

/** The index in the worker's own D1 database. */
export function createSearchIndex(db: D1Database): SearchIndex {
  const prepare = ({ text, values }: Sql): D1PreparedStatement => db.prepare(text).bind(...values);

  return {
    async find(search, withFacets) {
      const statements = [prepare(pageSql(search)), ...(withFacets ? [prepare(facetsSql(search))] : [])];
      const [page, facets] = await db.batch<unknown>(statements);
      return {
        events: ((page?.results ?? []) as PageRow[]).map(toFoundEvent),
        facets: facets === undefined ? null : toFacets(facets.results as FacetRow[]),
        unknownWords: ((facets?.results ?? []) as FacetRow[])
          .filter(({ kind }) => kind === "unknown")
          .map(({ value }) => value),
      };
    },

    async findSimilarWords(words) {
      const results = await db.batch<{ word: string }>(
        words.map((word) => {
          const trigrams = trigramsOf(word)
            .map((trigram) => `"${trigram.replaceAll('"', '""')}"`)
            .join(" OR ");
          const letters = [...fold(word)];
          // Words that share three letters in a row, longest share first; and, as a swap in a short word leaves no three
          // letters in place, those of about its length that begin alike.
          return db
            .prepare(
              `SELECT word FROM (
                 SELECT word FROM (SELECT word FROM words_fts WHERE words_fts MATCH ?1 ORDER BY rank LIMIT ?2)
                 UNION
                 SELECT word FROM (SELECT word FROM words WHERE word >= ?3 AND word < ?3 || char(1114111)
                   AND length(word) BETWEEN ?4 - 2 AND ?4 + 2 AND ?4 < 7 LIMIT 1000))
               WHERE NOT EXISTS (SELECT 1 FROM documents_fts WHERE documents_fts MATCH ?5)`,
            )
            .bind(trigrams, limits.correctionCandidatesMax, letters[0] ?? "", letters.length, `"${word}"`);
        }),
      );
      return new Map(words.map((word, index) => [word, (results[index]?.results ?? []).map((row) => row.word)]));
    },

    async suggest({ expression, tagPrefix, nowMs }) {
      const [events, tags] = await db.batch<Record<string, string>>([
        db
          .prepare(
            `SELECT d.title AS text, d.event_id AS id, d.slug AS slug
             FROM (SELECT rowid AS id FROM documents_fts WHERE documents_fts MATCH ?1 ORDER BY rowid DESC LIMIT ?2) h
             CROSS JOIN documents d ON d.id = h.id
             WHERE d.listed = 1 AND d.finished = 0 AND d.ends_at_ms > ?3 ORDER BY d.starts_at_ms, d.id LIMIT ?4`,
          )
          .bind(`title : (${expression})`, limits.suggestionCandidatesMax, nowMs, limits.suggestionsMax),
        db
          .prepare(
            `SELECT tag AS text FROM (SELECT tag FROM document_tags WHERE tag >= ?1 AND tag < ?1 || char(1114111) LIMIT ?2)
             GROUP BY tag ORDER BY count(*) DESC, tag LIMIT ?3`,
          )
          .bind(tagPrefix, limits.suggestionCandidatesMax, limits.suggestionsMax),
      ]);
      return [
        ...(events?.results ?? []).map(
          (row): Suggestion => ({
            kind: "event",
            text: row.text ?? "",
            id: row.id as Id<"event">,
            slug: row.slug ?? null,
          }),
        ),
        ...(tags?.results ?? []).map(
          (row): Suggestion => ({ kind: "tag", text: row.text ?? "", id: null, slug: null }),
        ),
      ];
    },
  };
}

function toFoundEvent(row: PageRow): FoundEvent {
  const [title = null, summary = null, description = null] = (row.marked === null ? [] : JSON.parse(row.marked)) as (
    | string
    | null
  )[];
  const hit: SearchHit = {
    id: row.eventId,
    slug: row.slug,
    title: row.title,
    summary: row.summary,
    startsAt: { utc: new Date(row.startsAtMs).toISOString(), local: row.startsAtLocal, timezone: row.timezone },
    place: row.place,
    online: row.online === 1,
    category: row.categoryId === null ? null : { id: row.categoryId, name: row.categoryName },
    tags: JSON.parse(row.tags) as string[],
    organization: { id: row.organizationId, name: row.organizationName },
    priceMin: toMoney(row.priceMinMinor, row.currency),
    priceMax: toMoney(row.priceMaxMinor, row.currency),
    soldOut: row.soldOut === 1,
    coverMediaId: row.coverMediaId,
    highlights: {
      title: toMarkedHtml(title),
      summary: toMarkedHtml(summary),
      description: toMarkedHtml(description),
    },
  };
  return { hit, position: [row.tier, row.startsAtMs, row.row], tagKeys: JSON.parse(row.tagKeys) as string[] };
}

function toMoney(amount: number | null, currency: string | null) {
  return amount === null || currency === null ? null : { amount, currency };
}

function toFacets(rows: readonly FacetRow[]): SearchFacets {
  return {
    categories: rows
      .filter(({ kind }) => kind === "category")
      .map(({ value, name, count }) => ({ id: value as Id<"category">, name, count })),
    tags: rows.filter(({ kind }) => kind === "tag").map(({ value, count }) => ({ tag: value, count })),
  };
}
