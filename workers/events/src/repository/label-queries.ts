import type { Id } from "@foyer/kernel/ids";
import { eventColumns } from "./rows.ts";

type Value = string | number;

/** A statement with its values, for the repository to run and for tests to explain. */
export interface ListQuery {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** What a list is narrowed by: a category with all below it, a tag, or both. */
export interface Labels {
  readonly categoryId?: Id<"category"> | undefined;
  readonly tag?: string | undefined;
}

/** Bounds of a page in the order of starts, and of what is asked for. Times are epoch milliseconds. */
export interface LabelPage {
  readonly limit: number;
  /** Behind the event with this start and id. */
  readonly after: readonly [number, string] | null;
  /** Starting at or after, where `after` does not lie later. */
  readonly earliestMs: number;
  readonly toMs?: number | undefined;
  /** Ending after; absent where ended events are asked for, too. */
  readonly endsAfterMs?: number | undefined;
}

/** A category and all below it, of `?`; walked from the top, so that its cost is that of the subtree. */
const below = `below(id) AS (SELECT ? UNION SELECT c.id FROM below b JOIN categories c ON c.parent_id = b.id)`;

/** What a tag is called now, of `?` twice: one that was renamed leads to its new name. */
const presentTag = "coalesce((SELECT target FROM tag_rules WHERE name = ?), ?)";

/** Whether an event, as `e`, has one of these labels, for lists that walk an index of another filter. */
export function labelConditions({ categoryId, tag }: Labels): readonly { sql: string; values: readonly Value[] }[] {
  return [
    // The plus keeps the planner from walking an index of categories and sorting all that it finds.
    ...(categoryId === undefined
      ? []
      : [{ sql: `+e.category_id IN (WITH RECURSIVE ${below} SELECT id FROM below)`, values: [categoryId] }]),
    ...(tag === undefined
      ? []
      : [
          {
            sql: `EXISTS (SELECT 1 FROM event_tags t WHERE t.event_id = e.id AND t.tag = ${presentTag})`,
            values: [tag, tag],
          },
        ]),
  ];
}

function boundsOf(page: LabelPage, id: "id" | "event_id"): { sql: string; values: Value[] } {
  const sql: string[] = [];
  const values: Value[] = [];
  const add = (text: string, ...bound: readonly Value[]): void => {
    sql.push(` AND ${text}`);
    values.push(...bound);
  };
  if (page.endsAfterMs !== undefined) add("x.ends_at_ms > ?", page.endsAfterMs);
  if (page.toMs !== undefined) add("x.starts_at_ms < ?", page.toMs);
  // One lower bound at a time: with two, SQLite may begin at the lesser and walk all earlier pages again.
  if (page.after === null || page.after[0] < page.earliestMs) add("x.starts_at_ms >= ?", page.earliestMs);
  if (page.after !== null) add(`(x.starts_at_ms, x.${id}) > (?, ?)`, ...page.after);
  return { sql: sql.join(""), values };
}

/**
 * Listed events with these labels by their start. The page is found in indexes alone and its rows are read afterwards. Of a category, each below it gives a
 * page of its own, which are merged: the cost grows with the subtree and the page, not with the table.
 */
export function labelledList({ categoryId, tag }: Labels, page: LabelPage): ListQuery {
  const ofTag = tag === undefined ? "" : ` AND x.tag = ${presentTag}`;
  const tagValues = tag === undefined ? [] : [tag, tag];
  const source =
    tag === undefined
      ? { table: "events", id: "id" as const, listed: "x.status = 'published' AND x.visibility = 'public'" }
      : { table: "event_tags", id: "event_id" as const, listed: "x.listed = 1" };
  const bounds = boundsOf(page, source.id);
  const walk = (index: string, columns: string, ofCategory: string): string =>
    `SELECT ${columns} FROM ${source.table} x INDEXED BY ${index}
     WHERE ${source.listed}${ofTag}${ofCategory}${bounds.sql} ORDER BY x.starts_at_ms, x.${source.id} LIMIT ?`;
  const walkValues = [...tagValues, ...bounds.values, page.limit];
  const index = tag === undefined ? "events_listed_by_category" : "event_tags_listed_by_category";
  const found =
    categoryId === undefined
      ? { sql: `page AS (${walk("event_tags_listed", "x.event_id AS id", "")})`, values: walkValues }
      : {
          sql: `${below}, page AS (SELECT y.${source.id} AS id FROM below b CROSS JOIN ${source.table} y ON y.rowid IN (${walk(
            index,
            "x.rowid",
            " AND x.category_id = b.id",
          )}) ORDER BY y.starts_at_ms, y.${source.id} LIMIT ?)`,
          values: [categoryId, ...walkValues, page.limit],
        };
  return {
    sql: `WITH RECURSIVE ${found.sql} SELECT ${eventColumns} FROM page CROSS JOIN events e ON e.id = page.id
      LEFT JOIN media m ON m.id = e.cover_media_id ORDER BY e.starts_at_ms, e.id`,
    values: found.values,
  };
}
