import type { LetterSubject } from "@foyer/contracts/users/letters";
import type { Id, UserId } from "@foyer/kernel/ids";
import type { Write } from "./database.ts";
import type { TokenPurpose } from "./single-use-tokens.ts";

/** What a letter's link is made from. */
export interface LetterToken {
  readonly purpose: TokenPurpose | "invitation";
  readonly id: string;
}

/** A mail about an account, as it is to be written. */
export interface StoredLetter {
  readonly id: Id<"letter">;
  readonly userId: UserId | null;
  /** Where it goes: the address as it was when the letter was written. */
  readonly address: string;
  readonly locale: string | null;
  readonly subject: LetterSubject;
  readonly token: LetterToken | null;
  readonly expiresAtMs: number;
}

interface LetterRow extends Omit<StoredLetter, "subject" | "token"> {
  readonly subject: string;
  readonly tokenPurpose: LetterToken["purpose"] | null;
  readonly tokenId: string | null;
}

export type LetterRepository = ReturnType<typeof createLetterRepository>;

/** Letters that wait for notifications to write them. */
export function createLetterRepository(db: D1Database) {
  return {
    insert(letter: StoredLetter, nowMs: number): Write {
      return db
        .prepare(
          `INSERT INTO letters (id, user_id, address, locale, subject, token_purpose, token_id, created_at_ms, expires_at_ms)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
        )
        .bind(
          letter.id,
          letter.userId,
          letter.address,
          letter.locale,
          JSON.stringify(letter.subject),
          letter.token?.purpose ?? null,
          letter.token?.id ?? null,
          nowMs,
          letter.expiresAtMs,
        );
    },

    /** A letter that has not run out, or null. */
    async find(id: Id<"letter">, nowMs: number): Promise<StoredLetter | null> {
      const row = await db
        .prepare(
          `SELECT id, user_id AS userId, address, locale, subject, token_purpose AS tokenPurpose, token_id AS tokenId,
             expires_at_ms AS expiresAtMs FROM letters WHERE id = ?1 AND expires_at_ms > ?2`,
        )
        .bind(id, nowMs)
        .first<LetterRow>();
      if (row === null) return null;
      const { subject, tokenPurpose, tokenId, ...rest } = row;
      const token = tokenPurpose === null || tokenId === null ? null : { purpose: tokenPurpose, id: tokenId };
      // Written by `insert` above.
      return { ...rest, subject: JSON.parse(subject) as LetterSubject, token };
    },

    /** Forgets what was to be written to a person. */
    removeOf(userId: UserId): Write {
      return db.prepare("DELETE FROM letters WHERE user_id = ?1").bind(userId);
    },

    /** Forgets what was to be written to an address, about whomever. */
    removeTo(address: string): Write {
      return db.prepare("DELETE FROM letters WHERE address = ?1").bind(address);
    },
  };
}
