import { sql } from "drizzle-orm";
import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** People with an account. The row goes when a person is erased; what must be kept elsewhere keeps the id only. */
export const users = sqliteTable(
  "users",
  {
    id: text("id").primaryKey(),
    /** Lower case; the one name that a person signs in with. */
    email: text("email").notNull().unique(),
    emailVerifiedAtMs: integer("email_verified_at_ms"),
    name: text("name").notNull(),
    locale: text("locale"),
    timezone: text("timezone"),
    /** Id of the picture in the bucket. */
    avatarId: text("avatar_id"),
    /** Administrator of the platform. */
    platformAdmin: integer("platform_admin").notNull().default(0),
    suspendedAtMs: integer("suspended_at_ms"),
    suspendedReason: text("suspended_reason"),
    /** Grows with every change; the ETag. */
    version: integer("version").notNull().default(1),
    createdAtMs: integer("created_at_ms").notNull(),
    updatedAtMs: integer("updated_at_ms").notNull(),
  },
  (table) => [
    index("users_suspended").on(table.id).where(sql`suspended_at_ms IS NOT NULL`),
    index("users_administrators").on(table.id).where(sql`platform_admin = 1`),
  ],
);

const userId = () =>
  text("user_id")
    .notNull()
    .references(() => users.id, { onDelete: "cascade" });

/** A person's password. */
export const credentials = sqliteTable("credentials", {
  userId: userId().primaryKey(),
  /** PHC string: algorithm, parameters, salt and hash. */
  passwordHash: text("password_hash").notNull(),
  updatedAtMs: integer("updated_at_ms").notNull(),
});

/** A person's authenticator app. */
export const totp = sqliteTable(
  "totp",
  {
    userId: userId().primaryKey(),
    /** Sealed under a key of the deployment, for this user. */
    secret: text("secret").notNull(),
    /** Null until a first code has shown that the app has it. */
    confirmedAtMs: integer("confirmed_at_ms"),
    /** Time step of the last code that was taken: no code is taken twice (RFC 6238 section 5.2). */
    lastStep: integer("last_step").notNull().default(0),
    createdAtMs: integer("created_at_ms").notNull(),
  },
  (table) => [index("totp_unconfirmed").on(table.createdAtMs).where(sql`confirmed_at_ms IS NULL`)],
);

/** Codes for the day when the second factor is lost; each works once. */
export const recoveryCodes = sqliteTable(
  "recovery_codes",
  {
    /** HMAC of user and code. */
    hash: text("hash").primaryKey(),
    userId: userId(),
    usedAtMs: integer("used_at_ms"),
  },
  (table) => [index("recovery_codes_by_user").on(table.userId)],
);

/** Passkeys (WebAuthn discoverable credentials). */
export const passkeys = sqliteTable(
  "passkeys",
  {
    id: text("id").primaryKey(),
    userId: userId(),
    /** As the authenticator named it, base64url. */
    credentialId: text("credential_id").notNull().unique(),
    /** COSE key, base64url. */
    publicKey: text("public_key").notNull(),
    counter: integer("counter").notNull(),
    /** JSON array. */
    transports: text("transports").notNull(),
    backedUp: integer("backed_up").notNull(),
    name: text("name").notNull(),
    createdAtMs: integer("created_at_ms").notNull(),
    lastUsedAtMs: integer("last_used_at_ms"),
  },
  (table) => [index("passkeys_by_user").on(table.userId, table.id)],
);

/** Accounts at providers that open an account here. */
export const identities = sqliteTable(
  "identities",
  {
    id: text("id").primaryKey(),
    userId: userId(),
    provider: text("provider", { enum: ["google", "facebook", "apple", "microsoft", "github"] }).notNull(),
    /** The provider's own, lasting name for the person. */
    subject: text("subject").notNull(),
    email: text("email"),
    name: text("name"),
    createdAtMs: integer("created_at_ms").notNull(),
    lastUsedAtMs: integer("last_used_at_ms").notNull(),
  },
  (table) => [
    uniqueIndex("identities_by_subject").on(table.provider, table.subject),
    index("identities_by_user").on(table.userId, table.id),
  ],
);

/** What a person agreed to, each time they said so; the newest counts. */
export const consents = sqliteTable(
  "consents",
  {
    id: text("id").primaryKey(),
    userId: userId(),
    purpose: text("purpose", { enum: ["marketing"] }).notNull(),
    granted: integer("granted").notNull(),
    textVersion: text("text_version").notNull(),
    atMs: integer("at_ms").notNull(),
  },
  (table) => [index("consents_by_user").on(table.userId, table.purpose, table.atMs)],
);

/** A change of address that both sides are to confirm; one for each user. */
export const emailChanges = sqliteTable("email_changes", {
  userId: userId().primaryKey(),
  newEmail: text("new_email").notNull(),
  /** Tokens of the two links; the current address is not asked where it was never verified. */
  currentTokenId: text("current_token_id"),
  newTokenId: text("new_token_id").notNull(),
  currentConfirmedAtMs: integer("current_confirmed_at_ms"),
  newConfirmedAtMs: integer("new_confirmed_at_ms"),
  expiresAtMs: integer("expires_at_ms").notNull(),
});

/** Pictures that are to leave the bucket, or whose upload is under way. */
export const avatarRemovals = sqliteTable(
  "avatar_removals",
  {
    avatarId: text("avatar_id").primaryKey(),
    /** An upload is given time until then to become somebody's avatar. */
    notBeforeMs: integer("not_before_ms").notNull(),
  },
  (table) => [index("avatar_removals_by_time").on(table.notBeforeMs)],
);

/** Persons who are being forgotten, until every worker has. */
export const erasures = sqliteTable(
  "erasures",
  {
    userId: text("user_id").primaryKey(),
    /** What the others look for; emptied when all have answered. */
    email: text("email"),
    /** Whether the address was proven to be theirs; others may have used one that was not. */
    emailVerified: integer("email_verified").notNull().default(0),
    requestedAtMs: integer("requested_at_ms").notNull(),
    toldAtMs: integer("told_at_ms").notNull(),
    completedAtMs: integer("completed_at_ms"),
  },
  (table) => [index("erasures_under_way").on(table.toldAtMs).where(sql`completed_at_ms IS NULL`)],
);

/** Which worker has forgotten whom. */
export const erasureConfirmations = sqliteTable(
  "erasure_confirmations",
  {
    userId: text("user_id")
      .notNull()
      .references(() => erasures.userId, { onDelete: "cascade" }),
    worker: text("worker").notNull(),
    confirmedAtMs: integer("confirmed_at_ms").notNull(),
  },
  (table) => [uniqueIndex("erasure_confirmations_once").on(table.userId, table.worker)],
);
