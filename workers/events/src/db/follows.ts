import { index, integer, primaryKey, sqliteTable, text } from "drizzle-orm/sqlite-core";

/** Who follows which organizer. */
export const follows = sqliteTable(
  "follows",
  {
    organizationId: text("organization_id").notNull(),
    userId: text("user_id").notNull(),
    followedAtMs: integer("followed_at_ms").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.organizationId, table.userId] }),
    index("follows_of_user").on(table.userId, table.followedAtMs, table.organizationId),
  ],
);

/** How many follow an organizer; kept by triggers on `follows`, so that a profile is not a count. */
export const followerCounts = sqliteTable("follower_counts", {
  organizationId: text("organization_id").primaryKey(),
  followers: integer("followers").notNull(),
});
