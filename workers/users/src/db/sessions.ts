import { index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { users } from "./people.ts";

const userId = () =>
  text("user_id")
    .notNull()
    .references(() => users.id, { onDelete: "cascade" });

/** One sign-in on one device; the family of its refresh tokens. */
export const sessions = sqliteTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    userId: userId(),
    createdAtMs: integer("created_at_ms").notNull(),
    lastUsedAtMs: integer("last_used_at_ms").notNull(),
    /** However often it is refreshed, it ends here. */
    expiresAtMs: integer("expires_at_ms").notNull(),
    /** When all factors were last proven. */
    authenticatedAtMs: integer("authenticated_at_ms").notNull().default(0),
    /** How it was signed in: `password`, `password+totp`, `passkey`, `google`. */
    method: text("method").notNull().default("password"),
    mode: text("mode", { enum: ["bearer", "cookie"] })
      .notNull()
      .default("bearer"),
    /** Words for the browser and system, never the header itself. */
    device: text("device").notNull().default("Unknown device"),
    /** City and country of the last use, where the platform knows them. */
    place: text("place"),
    /** Hash of browser and network, by which a client is known to be the same for some seconds. */
    clientHash: text("client_hash").notNull().default(""),
    /** The administrator who acts in the user's place. */
    impersonatorId: text("impersonator_id"),
    endedAtMs: integer("ended_at_ms"),
    endReason: text("end_reason", {
      enum: [
        "logout",
        "refresh_reused",
        "ended",
        "password_changed",
        "password_reset",
        "email_changed",
        "suspended",
        "revoked",
      ],
    }),
  },
  (table) => [
    index("sessions_by_user").on(table.userId, table.id),
    index("sessions_by_expiry").on(table.expiresAtMs),
    index("sessions_by_use").on(table.lastUsedAtMs),
  ],
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
    replacedAtMs: integer("replaced_at_ms"),
    /** What its successor was derived with, together with the token itself, which is not here. */
    nonce: text("nonce"),
  },
  (table) => [
    index("refresh_tokens_by_session").on(table.sessionId),
    index("refresh_tokens_by_expiry").on(table.expiresAtMs),
  ],
);

/** Subjects whose credentials ended before their time, for as long as one could still be shown. */
export const revocations = sqliteTable(
  "revocations",
  {
    sequence: integer("sequence").primaryKey({ autoIncrement: true }),
    /** Id of a session, a user, an API key or a signing key. */
    subject: text("subject").notNull(),
    /** Credentials issued up to this moment are void. */
    beforeMs: integer("before_ms").notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
  },
  (table) => [index("revocations_by_expiry").on(table.expiresAtMs)],
);

/** Links that work once. The link's secret is computed from the id and is stored as its hash only. */
export const singleUseTokens = sqliteTable(
  "single_use_tokens",
  {
    id: text("id").primaryKey(),
    purpose: text("purpose", {
      enum: ["verify_email", "reset_password", "change_email_current", "change_email_new"],
    }).notNull(),
    userId: userId(),
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

/** Challenges that are to be answered within minutes: second factors of a sign-in, passkeys. */
export const challenges = sqliteTable(
  "challenges",
  {
    /** SHA-256 of the challenge. */
    hash: text("hash").primaryKey(),
    kind: text("kind", { enum: ["second_factor", "passkey_registration", "passkey"] }).notNull(),
    userId: text("user_id").references(() => users.id, { onDelete: "cascade" }),
    /** How the first factor was proven, and the mode of the session to be. */
    method: text("method"),
    mode: text("mode"),
    failures: integer("failures").notNull().default(0),
    usedAtMs: integer("used_at_ms"),
    expiresAtMs: integer("expires_at_ms").notNull(),
  },
  (table) => [index("challenges_by_user").on(table.userId), index("challenges_by_expiry").on(table.expiresAtMs)],
);

/** Sign-ins that are under way at a provider. Verifier and nonce are computed from the state, which is stored as its hash only. */
export const oauthFlows = sqliteTable(
  "oauth_flows",
  {
    stateHash: text("state_hash").primaryKey(),
    provider: text("provider", { enum: ["google", "facebook", "apple", "microsoft", "github"] }).notNull(),
    intent: text("intent", { enum: ["sign_in", "link"] }).notNull(),
    /** Who links; null where somebody signs in. */
    userId: text("user_id").references(() => users.id, { onDelete: "cascade" }),
    redirectUri: text("redirect_uri").notNull(),
    mode: text("mode", { enum: ["bearer", "cookie"] }).notNull(),
    /** Hash of the cookie that binds the flow to its browser. */
    browserHash: text("browser_hash").notNull(),
    /** The client's own S256 challenge, where it binds the flow to itself. */
    codeChallenge: text("code_challenge"),
    expiresAtMs: integer("expires_at_ms").notNull(),
    /** When the provider came back; the state is used up then. */
    returnedAtMs: integer("returned_at_ms"),
    /** What the provider vouched for, JSON. */
    claims: text("claims"),
    /** SHA-256 of the one-time code that our client redeems. */
    codeHash: text("code_hash"),
    codeExpiresAtMs: integer("code_expires_at_ms"),
    redeemedAtMs: integer("redeemed_at_ms"),
  },
  (table) => [
    uniqueIndex("oauth_flows_by_code").on(table.codeHash),
    index("oauth_flows_by_expiry").on(table.expiresAtMs),
  ],
);

/** Mails about accounts, as they are to be written; for as long as their link works. */
export const letters = sqliteTable(
  "letters",
  {
    id: text("id").primaryKey(),
    /** Whom it is about; not a reference, because the last letter outlives its account. */
    userId: text("user_id"),
    /** Where it goes: the address as it was when the letter was written. */
    address: text("address").notNull(),
    locale: text("locale"),
    /** What it is about, JSON. */
    subject: text("subject").notNull(),
    /** Purpose and id of the token whose link it carries; null where it carries none. */
    tokenPurpose: text("token_purpose"),
    tokenId: text("token_id"),
    createdAtMs: integer("created_at_ms").notNull(),
    expiresAtMs: integer("expires_at_ms").notNull(),
  },
  (table) => [
    index("letters_by_user").on(table.userId),
    index("letters_by_address").on(table.address),
    index("letters_by_expiry").on(table.expiresAtMs),
  ],
);

/** Keys that sign access tokens. Which of them signs follows from the clock. */
export const signingKeys = sqliteTable("signing_keys", {
  kid: text("kid").primaryKey(),
  /** The public JWK's `x`. */
  publicKey: text("public_key").notNull(),
  /** The private JWK's `d`, sealed under a key of the deployment. */
  privateKey: text("private_key").notNull(),
  createdAtMs: integer("created_at_ms").notNull(),
  /** From when on it signs; it is published before. */
  activatesAtMs: integer("activates_at_ms").notNull(),
});

/** Orders of operators that the clockwork carries out: rotate, or withdraw a key that leaked. */
export const signingKeyOrders = sqliteTable("signing_key_orders", {
  id: integer("id").primaryKey({ autoIncrement: true }),
  action: text("action", { enum: ["rotate", "withdraw"] }).notNull(),
  kid: text("kid"),
});
