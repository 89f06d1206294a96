import { decodeCursor, toPage } from "@foyer/http/cursor";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import { inTreeOrder, type PlacedCategory, treeKeyOf } from "../domain/category.ts";

const cursorSchema = z
  .array(z.tuple([z.int(), z.string().max(limits.tagCharsMax)]))
  .min(1)
  .max(limits.categoryDepthMax);

/** One page of categories. */
export interface CategoryList {
  readonly data: readonly PlacedCategory[];
  readonly nextCursor: string | null;
}

/** Lists categories in the order of the tree, each before what is below it, for anyone. */
export async function listCategories(
  deps: Pick<Deps, "categories">,
  input: { readonly limit: number; readonly cursor: string | undefined },
): Promise<Result<CategoryList>> {
  const after = input.cursor === undefined ? ok(null) : decodeCursor(input.cursor, cursorSchema);
  if (!after.ok) return after;
  const placed = inTreeOrder(await deps.categories.all(), after.value);
  return ok(toPage(placed, input.limit, (category) => treeKeyOf(category).map(([...step]) => step)));
}
