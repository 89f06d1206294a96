import { idempotencyKeys } from "@foyer/http/idempotency-d1";
import { outbox } from "@foyer/messaging/tables";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

export { idempotencyKeys, outbox };

/** People with an account. */
export const users = sqliteTable("users", {
  id: text("id").primaryKey(),
  /** Lower case; the one name that a person signs in with. */
  email: text("email").notNull().unique(),
  emailVerifiedAtMs: integer("email_verified_at_ms"),
  name: text("name").notNull(),
  locale: text("locale"),
  timezone: text("timezone"),
  /** Administrator of the platform. No route sets it. */
  platformAdmin: integer("platform_admin").notNull().default(0),
  /** Grows with every change; the ETag. */
  version: integer("version").notNull().default(1),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/** How a person proves to be the owner of an account. */
export const credentials = sqliteTable("credentials", {
  userId: text("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  /** PHC string: algorithm, parameters, salt and hash. */
  passwordHash: text("password_hash").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/** One sign-in on one device; the family of its refresh tokens. */
export const sessions = sqliteTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAtMs: integer("created_at_ms").notNull(),
    lastUsedAtMs: integer("last_used_at_ms").notNull(),
    /** However often it is refreshed, it ends here. */
    expiresAtMs: integer("expires_at_ms").notNull(),
    endedAtMs: integer("ended_at_ms"),
    endReason: text("end_reason", { enum: ["logout", "refresh_reused"] }),
  },
  (table) => [index("sessions_by_user").on(table.userId), index("sessions_by_expiry").on(table.expiresAtMs)],
);

/** Every refresh token that could still be shown, used ones too: that is how reuse is seen. */
export const refreshTokens = sqliteTable(
  "refresh_tokens",
  {
    /** SHA-256 of the token. */
    hash: text("hash").primaryKey(),
    sessionId: text("session_id")
      .notNull()
      .references(() => sessions.id, { onDelete: "cascade" }),
    expiresAtMs: integer("expires_at_ms").notNull(),
    /** Hash of the token that took its place; null while it is the current one. */
    replacedBy: text("replaced_by"),
  },
  (table) => [
    index("refresh_tokens_by_session").on(table.sessionId),
    index("refresh_tokens_by_expiry").on(table.expiresAtMs),
  ],
);

/** Links that work once. The link's secret is computed from the id and is stored as its hash only. */
export const singleUseTokens = sqliteTable(
  "single_use_tokens",
  {
    id: text("id").primaryKey(),
    purpose: text("purpose", { enum: ["verify_email"] }).notNull(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    hash: text("hash").notNull().unique(),
    expiresAtMs: integer("expires_at_ms").notNull(),
    usedAtMs: integer("used_at_ms"),
    /** When a newer one of its purpose took its place. */
    voidedAtMs: integer("voided_at_ms"),
  },
  (table) => [
    index("single_use_tokens_by_user").on(table.userId, table.purpose),
    index("single_use_tokens_by_expiry").on(table.expiresAtMs),
  ],
);

/** Counters of attempts in windows of time. The key is a hash, so the table holds no addresses. */
export const attempts = sqliteTable(
  "attempts",
  {
    key: text("key").primaryKey(),
    count: integer("count").notNull(),
    windowEndsAtMs: integer("window_ends_at_ms").notNull(),
  },
  (table) => [index("attempts_by_end").on(table.windowEndsAtMs)],
);

/** Tenants. */
export const organizations = sqliteTable("organizations", {
  id: text("id").primaryKey(),
  name: text("name").notNull(),
  slug: text("slug").notNull().unique(),
  version: integer("version").notNull().default(1),
  createdAtMs: integer("created_at_ms").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/** Who belongs to an organization, and as what. */
export const memberships = sqliteTable(
  "memberships",
  {
    id: text("id").primaryKey(),
    organizationId: text("organization_id")
      .notNull()
      .references(() => organizations.id, { onDelete: "cascade" }),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: text("role", { enum: ["owner", "admin", "manager", "finance", "support", "door"] }).notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [
    uniqueIndex("memberships_by_user").on(table.userId, table.organizationId),
    index("memberships_by_organization").on(table.organizationId, table.id),
  ],
);

/** What was done, by whom. Rows are only ever added; triggers refuse anything else. Ids and plain facts, no personal data. */
export const audit = sqliteTable(
  "audit",
  {
    id: text("id").primaryKey(),
    actorKind: text("actor_kind").notNull(),
    actorId: text("actor_id"),
    action: text("action").notNull(),
    targetId: text("target_id"),
    organizationId: text("organization_id"),
    requestId: text("request_id").notNull(),
    atMs: integer("at_ms").notNull(),
  },
  (table) => [
    index("audit_by_organization").on(table.organizationId, table.id),
    index("audit_by_target").on(table.targetId, table.id),
  ],
);
