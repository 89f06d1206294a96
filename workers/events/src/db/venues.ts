import { sql } from "drizzle-orm";
import { index, integer, real, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Places that an organization holds events in. Events keep copies, which follow until they are over. */
export const venues = sqliteTable(
  "venues",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id").notNull(),
    version: integer("version").notNull(),
    /** Grows when something changes of which events keep copies; a copy names the one that it was made from. */
    revision: integer("revision").notNull(),
    /** Whether events may still have copies of an earlier revision; set with each one, and by a trigger when an event gets an old copy. */
    pending: integer("pending", { mode: "boolean" }).notNull(),
    name: text("name").notNull(),
    address: text("address").notNull(),
    city: text("city").notNull(),
    region: text("region"),
    postalCode: text("postal_code"),
    /** ISO 3166-1 alpha-2. */
    country: text("country").notNull(),
    latitude: real("latitude"),
    longitude: real("longitude"),
    capacity: integer("capacity"),
    /** JSON, as the API's. */
    accessibility: text("accessibility").notNull(),
    /** JSON array, as the API's. */
    rooms: text("rooms").notNull(),
    notes: text("notes").notNull(),
    /** Name, address and city as they are searched. */
    searchText: text("search_text").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
  },
  (table) => [
    index("venues_of_organization").on(table.organizationId, table.id),
    index("venues_pending").on(table.id).where(sql`pending = 1`),
  ],
);
