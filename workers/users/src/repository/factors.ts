import type { FactorMethod } from "@foyer/contracts/users/api/sessions";
import type { UserId } from "@foyer/kernel/ids";
import type { Write } from "./database.ts";

/** An authenticator app of a user's. */
export interface Totp {
  /** Sealed. */
  readonly secret: string;
  readonly confirmedAtMs: number | null;
  readonly lastStep: number;
  readonly createdAtMs: number;
}

/** What an account has beside its password. */
export interface FactorCounts {
  readonly totp: boolean;
  readonly passkeys: number;
  readonly recoveryCodesLeft: number;
}

export type FactorRepository = ReturnType<typeof createFactorRepository>;

/** Authenticator apps and recovery codes. */
export function createFactorRepository(db: D1Database) {
  return {
    async count(userId: UserId): Promise<FactorCounts> {
      const row = await db
        .prepare(
          `SELECT EXISTS (SELECT 1 FROM totp WHERE user_id = ?1 AND confirmed_at_ms IS NOT NULL) AS totp,
             (SELECT count(*) FROM passkeys WHERE user_id = ?1) AS passkeys,
             (SELECT count(*) FROM recovery_codes WHERE user_id = ?1 AND used_at_ms IS NULL) AS recoveryCodesLeft`,
        )
        .bind(userId)
        .first<{ totp: number; passkeys: number; recoveryCodesLeft: number }>();
      return {
        totp: row?.totp === 1,
        passkeys: row?.passkeys ?? 0,
        recoveryCodesLeft: row?.recoveryCodesLeft ?? 0,
      };
    },

    /** What can answer a challenge of this user's. */
    async listMethods(userId: UserId): Promise<FactorMethod[]> {
      const { totp, passkeys, recoveryCodesLeft } = await this.count(userId);
      return [
        ...(totp ? (["totp"] as const) : []),
        ...(passkeys > 0 ? (["passkey"] as const) : []),
        ...(recoveryCodesLeft > 0 ? (["recovery_code"] as const) : []),
      ];
    },

    async findTotp(userId: UserId): Promise<Totp | null> {
      return db
        .prepare(
          `SELECT secret, confirmed_at_ms AS confirmedAtMs, last_step AS lastStep, created_at_ms AS createdAtMs
           FROM totp WHERE user_id = ?1`,
        )
        .bind(userId)
        .first<Totp>();
    },

    /** An app that is yet to be confirmed, in the place of another such one; committing meets `totp_changed` where one is confirmed. */
    putTotp(userId: UserId, secret: string, nowMs: number): Write {
      return db
        .prepare(
          `INSERT INTO totp (user_id, secret, created_at_ms) VALUES (?1, ?2, ?3)
           ON CONFLICT (user_id) DO UPDATE SET secret = CASE WHEN confirmed_at_ms IS NULL THEN excluded.secret END,
             created_at_ms = excluded.created_at_ms, last_step = 0`,
        )
        .bind(userId, secret, nowMs);
    },

    /** Confirms the app with this very secret; committing meets `totp_changed` where another took its place, or it is confirmed already. */
    confirmTotp(userId: UserId, secret: string, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE totp SET confirmed_at_ms = ?3, secret = CASE WHEN confirmed_at_ms IS NULL AND secret = ?2 THEN secret END
           WHERE user_id = ?1`,
        )
        .bind(userId, secret, nowMs);
    },

    /** Takes the code of a time step; committing meets `totp_replayed` where it, or a later one, was taken before. */
    takeStep(userId: UserId, step: number): Write {
      return db
        .prepare("UPDATE totp SET last_step = CASE WHEN last_step < ?2 THEN ?2 END WHERE user_id = ?1")
        .bind(userId, step);
    },

    /** Takes the authenticator app away, and the codes that stand in for it. */
    removeTotp(userId: UserId): Write[] {
      return [
        db.prepare("DELETE FROM totp WHERE user_id = ?1").bind(userId),
        db.prepare("DELETE FROM recovery_codes WHERE user_id = ?1").bind(userId),
      ];
    },

    /** New recovery codes in the place of all earlier ones; committing meets `totp_absent` where there is no app that they stand in for. */
    putRecoveryCodes(userId: UserId, hashes: readonly string[]): Write[] {
      return [
        db.prepare("DELETE FROM recovery_codes WHERE user_id = ?1").bind(userId),
        db
          .prepare(
            `INSERT INTO recovery_codes (hash, user_id)
             SELECT CASE WHEN EXISTS (SELECT 1 FROM totp WHERE user_id = ?1 AND confirmed_at_ms IS NOT NULL) THEN value END, ?1
             FROM json_each(?2)`,
          )
          .bind(userId, JSON.stringify(hashes)),
      ];
    },

    async hasRecoveryCode(userId: UserId, hash: string): Promise<boolean> {
      const row = await db
        .prepare("SELECT 1 AS found FROM recovery_codes WHERE hash = ?2 AND user_id = ?1 AND used_at_ms IS NULL")
        .bind(userId, hash)
        .first();
      return row !== null;
    },

    /** Uses a code up; committing meets `recovery_code_used` where it was used before. */
    useRecoveryCode(userId: UserId, hash: string, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE recovery_codes SET used_at_ms = ?3, hash = CASE WHEN used_at_ms IS NULL THEN hash END
           WHERE hash = ?2 AND user_id = ?1`,
        )
        .bind(userId, hash, nowMs);
    },
  };
}
