import type { Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Category } from "../domain/category.ts";
import { isSlugTaken } from "./rows.ts";

const columns = "id, slug, name, names, parent_id AS parentId, position, version";

interface CategoryRow extends Omit<Category, "names"> {
  readonly names: string;
}

function categoryFromRow(row: CategoryRow): Category {
  // Nobody but this file writes here, and what it writes went through the contract's schemas.
  const names: Record<string, string> = JSON.parse(row.names);
  return { ...row, names };
}

/** How many levels there are from the top down to a category, itself included. */
const depthOf = (mark: string): string => `(
  WITH RECURSIVE above(id, depth) AS (
    SELECT ${mark}, 0
    UNION ALL SELECT c.parent_id, a.depth + 1 FROM above a JOIN categories c ON c.id = a.id
      WHERE a.depth <= ${limits.categoryDepthMax})
  SELECT max(depth) FROM above)`;

/** A category and what is below it, level by level. */
const under = (mark: string): string => `
  WITH RECURSIVE under(id, height) AS (
    SELECT ${mark}, 1
    UNION ALL SELECT c.id, u.height + 1 FROM under u JOIN categories c ON c.parent_id = u.id
      WHERE u.height <= ${limits.categoryDepthMax})`;

function isForeignKeyFault(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message.includes("FOREIGN KEY constraint failed");
}

/** Categories in the worker's own database. That they are a tree of limited depth is decided in the statement that writes. */
export function createCategoryRepository(db: D1Database) {
  async function write(statement: D1PreparedStatement): Promise<"stored" | "slug_taken" | "overtaken"> {
    try {
      const { meta } = await statement.run();
      return meta.changes === 0 ? "overtaken" : "stored";
    } catch (thrown) {
      if (isSlugTaken(thrown, "categories")) return "slug_taken";
      if (isForeignKeyFault(thrown)) return "overtaken"; // its parent has been removed since it was read
      throw thrown;
    }
  }

  const valuesOf = (category: Category) =>
    [
      category.id,
      category.slug,
      category.name,
      category.version,
      category.parentId,
      JSON.stringify(category.names),
      category.position,
    ] as const;

  return {
    async find(id: Id<"category">): Promise<Category | null> {
      const row = await db.prepare(`SELECT ${columns} FROM categories WHERE id = ?1`).bind(id).first<CategoryRow>();
      return row === null ? null : categoryFromRow(row);
    },

    /** The whole tree; there are few, see `limits.categoriesMax`. */
    async all(): Promise<Category[]> {
      const { results } = await db
        .prepare(`SELECT ${columns} FROM categories LIMIT ?1`)
        .bind(limits.categoriesMax)
        .all<CategoryRow>();
      return results.map(categoryFromRow);
    },

    /** Stores a new category; `overtaken` where there are as many as there can be, or its parent does not let it be by now. */
    insert(category: Category): Promise<"stored" | "slug_taken" | "overtaken"> {
      return write(
        db
          .prepare(
            `INSERT INTO categories (id, slug, name, version, parent_id, names, position) SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7
             WHERE (SELECT count(*) FROM categories) < ?8 AND (?5 IS NULL OR ${depthOf("?5")} < ?9)`,
          )
          .bind(...valuesOf(category), limits.categoriesMax, limits.categoryDepthMax),
      );
    },

    /** Stores the next version; `overtaken` where the one it was made from is not current, or its parent does not let it be by now. */
    save(category: Category): Promise<"stored" | "slug_taken" | "overtaken"> {
      return write(
        db
          .prepare(
            `UPDATE categories SET slug = ?2, name = ?3, version = ?4, parent_id = ?5, names = ?6, position = ?7
             WHERE id = ?1 AND version = ?4 - 1 AND (?5 IS NULL OR (
               ?5 NOT IN (${under("?1")} SELECT id FROM under)
               AND ${depthOf("?5")} + (${under("?1")} SELECT max(height) FROM under) <= ?8))`,
          )
          .bind(...valuesOf(category), limits.categoryDepthMax),
      );
    },

    /** Removes a category that neither an event nor a category below it has; the foreign keys are what decides. */
    async remove(id: Id<"category">): Promise<"stored" | "in_use"> {
      try {
        await db.prepare("DELETE FROM categories WHERE id = ?1").bind(id).run();
        return "stored";
      } catch (thrown) {
        if (isForeignKeyFault(thrown)) return "in_use";
        throw thrown;
      }
    },
  };
}

export type CategoryRepository = ReturnType<typeof createCategoryRepository>;
