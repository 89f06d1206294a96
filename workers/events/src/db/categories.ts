import { type AnySQLiteColumn, index, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** A tree, at most `limits.categoryDepthMax` deep; whoever writes here sees to that in the statement itself. */
export const categories = sqliteTable(
  "categories",
  {
    id: text("id").primaryKey(),
    slug: text("slug").notNull().unique(),
    /** In the platform's own language, and wherever there is none in a reader's. */
    name: text("name").notNull(),
    version: integer("version").notNull(),
    parentId: text("parent_id").references((): AnySQLiteColumn => categories.id),
    /** JSON: further names by BCP 47 tag. */
    names: text("names").notNull().default("{}"),
    /** Place among those with the same parent, smallest first. */
    position: integer("position").notNull().default(0),
  },
  (table) => [index("categories_of_parent").on(table.parentId)],
);
