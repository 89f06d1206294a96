import { decodeCursor, toPage } from "@foyer/http/cursor";
import { ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";

/** A page of a list that is at hand whole and sorted by id; such lists have a small limit of their own. */
export function pageById<R>(
  rows: readonly R[],
  query: { readonly limit: number; readonly cursor?: string | undefined },
  idOf: (row: R) => string,
): Result<{ data: R[]; nextCursor: string | null }> {
  let rest = rows;
  if (query.cursor !== undefined) {
    const after = decodeCursor(query.cursor, z.string());
    if (!after.ok) return after;
    rest = rows.filter((row) => idOf(row) > after.value);
  }
  return ok(toPage(rest, query.limit, idOf));
}
