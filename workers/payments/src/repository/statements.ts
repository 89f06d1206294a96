import type { ReviewReason } from "@foyer/contracts/payments/api";
import type { PaymentId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { LedgerEntry } from "../domain/ledger.ts";
import type { ReviewCase } from "./review-cases.ts";

/** A case that is to be opened. */
export type NewReviewCase = Omit<ReviewCase, "resolvedAtMs" | "resolution">;

/**
 * Opens a case. Where one is open for the same payment (or provider's reference) and reason it is joined: what is new is
 * added to its detail, and the same news again change nothing.
 */
export function openCaseStatement(db: D1Database, reviewCase: NewReviewCase): D1PreparedStatement {
  const subject = reviewCase.paymentId ?? reviewCase.providerReference ?? reviewCase.id;
  return db
    .prepare(
      `INSERT INTO review_cases (id, reason, subject, payment_id, order_id, organization_id, provider_reference, detail, opened_at_ms)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
       ON CONFLICT (subject, reason) WHERE resolved_at_ms IS NULL
       DO UPDATE SET detail = substr(review_cases.detail || ' ' || excluded.detail, 1, ?10)
       WHERE instr(review_cases.detail, excluded.detail) = 0`,
    )
    .bind(
      reviewCase.id,
      reviewCase.reason,
      subject,
      reviewCase.paymentId,
      reviewCase.orderId,
      reviewCase.organizationId,
      reviewCase.providerReference,
      reviewCase.detail,
      reviewCase.openedAtMs,
      limits.reviewDetailCharsMax,
    );
}

/** One change of a subject's status. It fails, with its whole batch, when the version was changed by somebody else. */
export function changeStatement(
  db: D1Database,
  change: {
    readonly subjectId: string;
    readonly version: number;
    readonly from: string;
    readonly to: string;
    readonly cause: string;
    readonly nowMs: number;
  },
): D1PreparedStatement {
  return db
    .prepare(
      "INSERT INTO status_changes (subject_id, version, from_status, to_status, cause, at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(change.subjectId, change.version, change.from, change.to, change.cause, change.nowMs);
}

/** Adds a transaction to the ledger. */
export function ledgerStatements(
  db: D1Database,
  entries: readonly LedgerEntry[],
  nowMs: number,
): readonly D1PreparedStatement[] {
  return entries.map((entry) =>
    db
      .prepare(
        `INSERT INTO ledger_entries
           (transaction_id, line, account, organization_id, payment_id, refund_id, amount_minor, currency, at_ms)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`,
      )
      .bind(
        entry.transactionId,
        entry.line,
        entry.account,
        entry.organizationId,
        entry.paymentId,
        entry.refundId,
        entry.amountMinor,
        entry.currency,
        nowMs,
      ),
  );
}

/** Closes the cases of these reasons that a payment has: what they were about has been put right. */
export function resolveStatement(
  db: D1Database,
  paymentId: PaymentId,
  reasons: readonly ReviewReason[],
  nowMs: number,
): D1PreparedStatement {
  return db
    .prepare(
      `UPDATE review_cases SET resolved_at_ms = ?3
       WHERE subject = ?1 AND resolved_at_ms IS NULL AND reason IN (SELECT value FROM json_each(?2))`,
    )
    .bind(paymentId, JSON.stringify(reasons), nowMs);
}

/** Runs a batch that begins with {@link changeStatement}; false where somebody else made the same change first. */
export async function commitChange(db: D1Database, statements: D1PreparedStatement[]): Promise<boolean> {
  try {
    await db.batch(statements);
    return true;
  } catch (thrown) {
    if (thrown instanceof Error && thrown.message.includes("UNIQUE constraint failed: status_changes")) return false;
    throw thrown;
  }
}
