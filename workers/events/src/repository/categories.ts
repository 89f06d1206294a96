import type { CategoryView } from "@foyer/contracts/events/api";
import type { Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { isSlugTaken } from "./rows.ts";

type Category = CategoryView;

const columns = "id, slug, name, version";

/** Categories in the worker's own database. */
export function createCategoryRepository(db: D1Database) {
  return {
    async find(id: Id<"category">): Promise<Category | null> {
      return db.prepare(`SELECT ${columns} FROM categories WHERE id = ?1`).bind(id).first<Category>();
    },

    /** By slug, in alphabetical order. */
    async list(page: { readonly limit: number; readonly after: string }): Promise<Category[]> {
      const { results } = await db
        .prepare(`SELECT ${columns} FROM categories WHERE slug > ?1 ORDER BY slug LIMIT ?2`)
        .bind(page.after, page.limit)
        .all<Category>();
      return results;
    },

    /** Stores a new category unless there are as many as there can be. */
    async insert(category: Category): Promise<"stored" | "slug_taken" | "full"> {
      try {
        const { meta } = await db
          .prepare(
            `INSERT INTO categories (id, slug, name, version) SELECT ?1, ?2, ?3, ?4
             WHERE (SELECT count(*) FROM categories) < ?5`,
          )
          .bind(category.id, category.slug, category.name, category.version, limits.categoriesMax)
          .run();
        return meta.changes === 0 ? "full" : "stored";
      } catch (thrown) {
        if (isSlugTaken(thrown, "categories")) return "slug_taken";
        throw thrown;
      }
    },

    /** Stores the next version; `overtaken` where the one it was made from is no longer current. */
    async save(category: Category): Promise<"stored" | "slug_taken" | "overtaken"> {
      try {
        const { meta } = await db
          .prepare("UPDATE categories SET slug = ?2, name = ?3, version = ?4 WHERE id = ?1 AND version = ?4 - 1")
          .bind(category.id, category.slug, category.name, category.version)
          .run();
        return meta.changes === 0 ? "overtaken" : "stored";
      } catch (thrown) {
        if (isSlugTaken(thrown, "categories")) return "slug_taken";
        throw thrown;
      }
    },

    /** Removes a category that no event has; the foreign key is what decides. */
    async remove(id: Id<"category">): Promise<"stored" | "in_use"> {
      try {
        await db.prepare("DELETE FROM categories WHERE id = ?1").bind(id).run();
        return "stored";
      } catch (thrown) {
        if (thrown instanceof Error && thrown.message.includes("FOREIGN KEY constraint failed")) return "in_use";
        throw thrown;
      }
    },
  };
}

export type CategoryRepository = ReturnType<typeof createCategoryRepository>;
