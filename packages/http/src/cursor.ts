import { fromBase64Url, toBase64Url } from "@foyer/kernel/encoding";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type * as z from "zod";

/** An opaque cursor: the sort key of the last row of a page. Nothing in it is secret or trusted. */
export function encodeCursor(key: z.core.util.JSONType): string {
  return toBase64Url(new TextEncoder().encode(JSON.stringify(key)));
}

/** Reads a cursor back; one that was not made by {@link encodeCursor} for this list is `request.invalid`. */
export function decodeCursor<T>(cursor: string, schema: z.ZodType<T>): Result<T> {
  const bytes = fromBase64Url(cursor);
  if (bytes !== null) {
    try {
      const parsed = schema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
      if (parsed.success) return ok(parsed.data);
    } catch {
      // not JSON: falls through to the one answer for every unreadable cursor
    }
  }
  return fail("request.invalid", "The cursor is not one of this list.", {
    errors: [{ path: "query.cursor", code: "invalid_cursor", message: "Not a cursor of this list" }],
  });
}

/** Cuts a page from rows that were asked for with `limit + 1`, and makes the next cursor from the last row kept. */
export function toPage<R>(
  rows: readonly R[],
  limit: number,
  keyOf: (row: R) => z.core.util.JSONType,
): { data: R[]; nextCursor: string | null } {
  const data = rows.slice(0, limit);
  const last = data.at(-1);
  return { data, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(keyOf(last)) : null };
}
