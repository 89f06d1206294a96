import { decodeCursor, toPage } from "@foyer/http/cursor";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import type { Tag } from "../repository/tags.ts";

const cursorSchema = z.tuple([z.int(), z.string().max(limits.tagCharsMax)]);

/** One page of tags. */
export interface TagList {
  readonly data: readonly Tag[];
  readonly nextCursor: string | null;
}

/** Lists the tags of listed events and those that are kept, the most used first, for anyone; `q` is what they begin with. */
export async function listTags(
  deps: Pick<Deps, "tags">,
  input: { readonly q: string | undefined; readonly limit: number; readonly cursor: string | undefined },
): Promise<Result<TagList>> {
  const after = input.cursor === undefined ? ok(null) : decodeCursor(input.cursor, cursorSchema);
  if (!after.ok) return after;
  const rows = await deps.tags.list({ prefix: input.q, limit: input.limit + 1, after: after.value });
  return ok(toPage(rows, input.limit, ({ events, name }) => [events, name]));
}
