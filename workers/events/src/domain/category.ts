import type { Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { FieldFault } from "@foyer/kernel/result";

/** A category of events; a node of the tree. */
export interface Category {
  readonly id: Id<"category">;
  readonly slug: string;
  /** In the platform's own language. */
  readonly name: string;
  /** Further names by BCP 47 tag. */
  readonly names: Readonly<Record<string, string>>;
  readonly parentId: Id<"category"> | null;
  /** Place among those with the same parent, smallest first; of equals the slug decides. */
  readonly position: number;
  readonly version: number;
}

/** Where a category stands in the order of the tree: position and slug of each step from the top down to it. */
export type TreeKey = readonly (readonly [position: number, slug: string])[];

/** A category with the steps from the top of the tree down to it, itself included. */
export interface PlacedCategory extends Category {
  readonly path: readonly Category[];
}

function byIdOf(categories: readonly Category[]): ReadonlyMap<string, Category> {
  return new Map(categories.map((category) => [category.id, category]));
}

function pathIn(byId: ReadonlyMap<string, Category>, category: Category): Category[] {
  const path = [category];
  for (let parentId = category.parentId; parentId !== null && path.length <= limits.categoryDepthMax; ) {
    const parent = byId.get(parentId);
    if (parent === undefined) break;
    path.unshift(parent);
    parentId = parent.parentId;
  }
  return path;
}

/** A category with its path, found among all. */
export function placeIn(categories: readonly Category[], category: Category): PlacedCategory {
  return { ...category, path: pathIn(byIdOf(categories), category) };
}

/** The key that the order of the tree goes by. */
export function treeKeyOf({ path }: PlacedCategory): TreeKey {
  return path.map(({ position, slug }) => [position, slug]);
}

function compareKeys(left: TreeKey, right: TreeKey): number {
  for (const [index, [position, slug]] of left.entries()) {
    const other = right[index];
    if (other === undefined) return 1; // what is below comes after
    if (position !== other[0]) return position - other[0];
    if (slug !== other[1]) return slug < other[1] ? -1 : 1;
  }
  return left.length - right.length;
}

/** All categories in the order of the tree, each before what is below it; behind a key, where one is given. */
export function inTreeOrder(categories: readonly Category[], after: TreeKey | null): PlacedCategory[] {
  const byId = byIdOf(categories);
  return categories
    .map((category) => ({ ...category, path: pathIn(byId, category) }))
    .map((placed) => ({ placed, key: treeKeyOf(placed) }))
    .filter(({ key }) => after === null || compareKeys(key, after) > 0)
    .sort((left, right) => compareKeys(left.key, right.key))
    .map(({ placed }) => placed);
}

/** How many levels a category and what is below it take. */
function heightOf(categories: readonly Category[], id: string): number {
  let level: ReadonlySet<string> = new Set([id]);
  let height = 0;
  while (level.size > 0 && height <= limits.categoryDepthMax) {
    height += 1;
    const above = level;
    level = new Set(categories.filter(({ parentId }) => parentId !== null && above.has(parentId)).map((one) => one.id));
  }
  return height;
}

/** What is wrong with a category's place below a parent; `id` is null for a new one. Null where nothing is. */
export function placeFault(categories: readonly Category[], id: string | null, parentId: string): FieldFault | null {
  const byId = byIdOf(categories);
  const parent = byId.get(parentId);
  const fault = (code: string, message: string): FieldFault => ({ path: "parentId", code, message });
  if (parent === undefined) return fault("events.category_not_found", "No such category");
  const above = pathIn(byId, parent);
  if (id !== null && above.some((step) => step.id === id))
    return fault("events.category_cycle", "A category cannot be below itself");
  const height = id === null ? 1 : heightOf(categories, id);
  return above.length + height > limits.categoryDepthMax
    ? fault("events.category_too_deep", `The tree is at most ${limits.categoryDepthMax} deep`)
    : null;
}
