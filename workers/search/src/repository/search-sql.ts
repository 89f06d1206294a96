import { isId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { boxAround, earthRadiusKm } from "../domain/geo.ts";
import { markEnd, markStart } from "../domain/highlights.ts";
import type { Search } from "../service/search-index.ts";

/** A statement and its values. */
export interface Sql {
  readonly text: string;
  readonly values: readonly (string | number)[];
}

/** Numbers the values of one statement. */
function createValues() {
  const values: (string | number)[] = [];
  return {
    values,
    add(value: string | number): string {
      values.push(value);
      return `?${values.length}`;
    },
  };
}
type Values = ReturnType<typeof createValues>;

/** Title, tags, category, organizer, place, summary, description. */
const weights = "10.0, 6.0, 4.0, 4.0, 4.0, 2.0, 1.0";

/**
 * Relevance in tiers of about 12 %: within one, the sooner event comes first, and a document that is added meanwhile does
 * not shuffle a list that is being paged through. bm25 is negative, better is smaller.
 */
const tierSql = `CAST(round(ln(max(-bm25(documents_fts, ${weights}), 1e-12)) * -8.0) AS INTEGER)`;

/** The conditions on `documents d`. The first two are those of the partial indexes. */
function conditions({ filters, nowMs }: Search, sql: Values): string {
  const all = ["d.listed = 1"];
  if (filters.fromMs === null) all.push("d.finished = 0", `d.ends_at_ms > ${sql.add(nowMs)}`);
  else all.push(`d.starts_at_ms >= ${sql.add(filters.fromMs)}`);
  if (filters.toMs !== null) all.push(`d.starts_at_ms < ${sql.add(filters.toMs)}`);
  if (filters.category !== null) {
    const value = sql.add(filters.category);
    all.push(
      isId("category", filters.category) ? `d.category_id = ${value}` : `d.category_name = ${value} COLLATE NOCASE`,
    );
  }
  if (filters.tag !== null)
    all.push(`d.id IN (SELECT document_id FROM document_tags WHERE tag = ${sql.add(filters.tag)})`);
  if (filters.organizationId !== null) all.push(`d.organization_id = ${sql.add(filters.organizationId)}`);
  if (filters.online !== null) all.push(`d.online = ${filters.online ? 1 : 0}`);
  if (filters.free !== null) all.push(filters.free ? "d.price_min_minor = 0" : "d.price_min_minor > 0");
  if (filters.priceMaxMinor !== null) all.push(`d.price_min_minor <= ${sql.add(filters.priceMaxMinor)}`);
  if (filters.currency !== null) all.push(`d.currency = ${sql.add(filters.currency)}`);
  if (filters.circle !== null) {
    const { south, north, longitudes } = boxAround(filters.circle);
    const latitude = sql.add(filters.circle.latitude);
    const longitude = sql.add(filters.circle.longitude);
    all.push(`d.latitude BETWEEN ${sql.add(south)} AND ${sql.add(north)}`);
    if (longitudes === null) all.push("d.longitude IS NOT NULL");
    else all.push(`d.longitude BETWEEN ${sql.add(longitudes[0])} AND ${sql.add(longitudes[1])}`);
    all.push(
      `${2 * earthRadiusKm} * asin(min(1.0, sqrt(pow(sin(radians(d.latitude - ${latitude}) / 2), 2)
        + cos(radians(${latitude})) * cos(radians(d.latitude)) * pow(sin(radians(d.longitude - ${longitude}) / 2), 2))))
        <= ${sql.add(filters.circle.radiusKm)}`,
    );
  }
  return all.join(" AND ");
}

/** Where the documents come from: the text index, or the table. `tier` is 0 where relevance does not matter. */
function source(search: Search, ranked: boolean, hitsMax: number, sql: Values) {
  if (search.expression === null) return { hits: "", from: "documents d" };
  const hits = `hits AS MATERIALIZED (
    SELECT rowid AS id, ${ranked ? tierSql : "0"} AS tier FROM documents_fts
    WHERE documents_fts MATCH ${sql.add(search.expression)} ORDER BY rowid DESC LIMIT ${hitsMax}), `;
  // A category is compared by name outside of the narrow index; the planner then reads the rows themselves.
  return { hits, from: "hits h CROSS JOIN documents d INDEXED BY documents_narrow ON d.id = h.id" };
}

/** One page, with what matched marked. */
export function pageSql(search: Search): Sql {
  const sql = createValues();
  const ranked = search.sort === "relevance" && search.expression !== null;
  const { hits, from } = source(search, ranked, limits.searchCandidatesMax, sql);
  const tier = ranked ? "h.tier" : "0";
  const key = ranked ? "h.tier, d.starts_at_ms, d.id" : "d.starts_at_ms, d.id";
  const after = ranked ? search.after : search.after?.slice(1);
  const beyond =
    after === undefined || after === null ? "" : ` AND (${key}) > (${after.map((part) => sql.add(part)).join(", ")})`;
  const found = `found AS MATERIALIZED (
    SELECT d.id AS id, ${tier} AS tier FROM ${from}
    WHERE ${conditions(search, sql)}${beyond} ORDER BY ${key} LIMIT ${sql.add(search.limit)})`;
  const marked =
    search.expression === null
      ? "NULL"
      : `(SELECT json_array(${marks("highlight", 0)}, ${marks("highlight", 5)}, ${marks("snippet", 6)})
          FROM documents_fts WHERE documents_fts MATCH ?1 AND documents_fts.rowid = d.id)`;
  return {
    text: `WITH ${hits}${found}
      SELECT d.id AS row, f.tier, d.event_id AS eventId, d.organization_id AS organizationId,
        d.starts_at_ms AS startsAtMs, d.starts_at_local AS startsAtLocal, d.timezone, d.online, d.category_id AS categoryId,
        d.price_min_minor AS priceMinMinor, d.price_max_minor AS priceMaxMinor, d.currency, d.sold_out AS soldOut, d.slug,
        d.cover_media_id AS coverMediaId, d.title, d.category_name AS categoryName,
        d.organization_name AS organizationName, d.place, d.tags, d.tag_keys AS tagKeys, d.summary, ${marked} AS marked
      FROM found f CROSS JOIN documents d ON d.id = f.id ORDER BY f.tier, d.starts_at_ms, d.id`,
    values: sql.values,
  };
}

function marks(call: "highlight" | "snippet", column: number): string {
  const around = `char(${markStart.charCodeAt(0)}), char(${markEnd.charCodeAt(0)})`;
  return `${call}(documents_fts, ${column}, ${around}${call === "snippet" ? ", '…', 24" : ""})`;
}

/**
 * How everything found divides: rows of `kind`, `value`, `name`, `count`. Looks at the soonest (or newest) only. Where
 * nothing has all the words, rows of kind `unknown` name those that no document has.
 */
export function facetsSql(search: Search): Sql {
  const sql = createValues();
  const { hits, from } = source(search, false, limits.facetDocumentsMax, sql);
  const bounded = search.expression === null ? ` ORDER BY d.starts_at_ms, d.id LIMIT ${limits.facetDocumentsMax}` : "";
  const top = `ORDER BY count DESC, value LIMIT ${limits.facetValuesMax}`;
  const unknown =
    search.expression === null
      ? ""
      : ` UNION ALL SELECT 'unknown' AS kind, w.value AS value, w.value AS name, 0 AS count
          FROM json_each(${sql.add(JSON.stringify(search.words))}) w WHERE NOT EXISTS (SELECT 1 FROM hits)
          AND NOT EXISTS (SELECT 1 FROM documents_fts WHERE documents_fts MATCH '"' || w.value || '"')`;
  return {
    text: `WITH ${hits}matched AS MATERIALIZED (
        SELECT d.id AS id, d.category_id AS category_id FROM ${from}
        WHERE ${conditions(search, sql)}${bounded})
      SELECT kind, value, (SELECT d.category_name FROM documents d WHERE d.id = last) AS name, count
      FROM (SELECT 'category' AS kind, category_id AS value, max(id) AS last, count(*) AS count
        FROM matched WHERE category_id IS NOT NULL GROUP BY category_id ${top})
      UNION ALL
      SELECT * FROM (SELECT 'tag' AS kind, t.tag AS value, t.tag AS name, count(*) AS count
        FROM matched m CROSS JOIN document_tags t ON t.document_id = m.id GROUP BY t.tag ${top})${unknown}`,
    values: sql.values,
  };
}
