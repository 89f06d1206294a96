import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { users } from "./people.ts";

const roles = ["owner", "admin", "manager", "finance", "support", "door"] as const;

/** Tenants. A closed one keeps its row, because orders and money name it. */
export const organizations = sqliteTable("organizations", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  slug: text("slug").notNull().unique(),
  description: text("description").notNull().default(""),
  website: text("website"),
  contactEmail: text("contact_email"),
  /** When its owner asked to close it; null again when events stood in the way. */
  closingAtMs: integer("closing_at_ms"),
  closedAtMs: integer("closed_at_ms"),
  version: integer("version").notNull().default(1),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

const organizationId = () =>
  text("organization_id")
    .notNull()
    .references(() => organizations.id, { onDelete: "cascade" });

/** Who belongs to an organization, and as what. */
export const memberships = sqliteTable(
  "memberships",
  {
    id: text("id").primaryKey(),
    organizationId: organizationId(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: text("role", { enum: roles }).notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [
    uniqueIndex("memberships_by_user").on(table.userId, table.organizationId),
    index("memberships_by_organization").on(table.organizationId, table.id),
    index("memberships_owners").on(table.organizationId).where(sql`role = 'owner'`),
  ],
);

/** Asked to join, by mail. Bound to an address. */
export const invitations = sqliteTable(
  "invitations",
  {
    id: text("id").primaryKey(),
    organizationId: organizationId(),
    email: text("email").notNull(),
    role: text("role", { enum: roles }).notNull(),
    /** SHA-256 of the link's secret, which is computed from the id. */
    hash: text("hash").notNull().unique(),
    invitedBy: text("invited_by"),
    createdAtMs: integer("created_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
  },
  (table) => [
    uniqueIndex("invitations_one_for_each").on(table.organizationId, table.email),
    index("invitations_by_organization").on(table.organizationId, table.id),
    index("invitations_by_address").on(table.email),
    index("invitations_by_expiry").on(table.expiresAtMs),
  ],
);

/** Programs of an organization. */
export const apiKeys = sqliteTable(
  "api_keys",
  {
    id: text("id").primaryKey(),
    organizationId: organizationId(),
    name: text("name").notNull(),
    /** JSON array of permissions. */
    scopes: text("scopes").notNull(),
    /** SHA-256 of the secret. */
    hash: text("hash").notNull(),
    /** The secret before the last rotation, and until when it works. */
    previousHash: text("previous_hash"),
    previousExpiresAtMs: integer("previous_expires_at_ms"),
    createdBy: text("created_by"),
    createdAtMs: integer("created_at_ms").notNull(),
    rotatedAtMs: integer("rotated_at_ms"),
    lastUsedAtMs: integer("last_used_at_ms"),
    expiresAtMs: integer("expires_at_ms"),
    version: integer("version").notNull().default(1),
  },
  (table) => [index("api_keys_by_organization").on(table.organizationId, table.id)],
);

/** What was done, by whom. Rows are only ever added; triggers refuse anything else. Ids and plain facts, no personal data. */
export const audit = sqliteTable(
  "audit",
  {
    id: text("id").primaryKey(),
    actorKind: text("actor_kind").notNull(),
    actorId: text("actor_id"),
    /** The administrator who acted in the actor's place. */
    impersonatorId: text("impersonator_id"),
    action: text("action").notNull(),
    targetId: text("target_id"),
    organizationId: text("organization_id"),
    /** JSON: what was there before and after; addresses masked, secrets left out. */
    before: text("before"),
    after: text("after"),
    requestId: text("request_id").notNull(),
    atMs: integer("at_ms").notNull(),
  },
  (table) => [
    index("audit_by_organization").on(table.organizationId, table.id),
    index("audit_by_target").on(table.targetId, table.id),
    index("audit_by_actor").on(table.actorId, table.id),
  ],
);
