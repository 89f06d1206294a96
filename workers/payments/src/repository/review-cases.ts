import type { ReviewReason } from "@foyer/contracts/payments/api";
import type { OrderId, OrganizationId, PaymentId, ReviewCaseId, UserId } from "@foyer/kernel/ids";
import { type NewReviewCase, openCaseStatement } from "./statements.ts";

/** Something that a person has to look at. */
export interface ReviewCase {
  readonly id: ReviewCaseId;
  readonly reason: ReviewReason;
  readonly paymentId: PaymentId | null;
  readonly orderId: OrderId | null;
  readonly organizationId: OrganizationId | null;
  readonly providerReference: string | null;
  readonly detail: string;
  readonly openedAtMs: number;
  readonly resolvedAtMs: number | null;
  readonly resolution: string | null;
}

const columns = `id, reason, payment_id AS paymentId, order_id AS orderId, organization_id AS organizationId,
  provider_reference AS providerReference, detail, opened_at_ms AS openedAtMs, resolved_at_ms AS resolvedAtMs, resolution`;

export type ReviewCaseRepository = ReturnType<typeof createReviewCaseRepository>;

/** The review list in D1. */
export function createReviewCaseRepository(db: D1Database) {
  return {
    /** Opens a case, or adds to the one that is open; false where nothing is new. */
    async open(reviewCase: NewReviewCase): Promise<boolean> {
      return (await openCaseStatement(db, reviewCase).run()).meta.changes > 0;
    },

    /** A person closes a case; null where no such case is open. */
    close(
      id: ReviewCaseId,
      by: { readonly userId: UserId; readonly resolution: string; readonly nowMs: number },
    ): Promise<ReviewCase | null> {
      return db
        .prepare(
          `UPDATE review_cases SET resolved_at_ms = ?2, resolution = ?3, resolved_by = ?4
           WHERE id = ?1 AND resolved_at_ms IS NULL RETURNING ${columns}`,
        )
        .bind(id, by.nowMs, by.resolution, by.userId)
        .first<ReviewCase>();
    },

    async hasOpen(paymentId: PaymentId): Promise<boolean> {
      const row = await db
        .prepare("SELECT 1 FROM review_cases WHERE subject = ?1 AND resolved_at_ms IS NULL LIMIT 1")
        .bind(paymentId)
        .first();
      return row !== null;
    },

    /** Open cases, newest first. */
    async list(page: {
      readonly limit: number;
      readonly before: readonly [number, string] | null;
    }): Promise<ReviewCase[]> {
      const [beforeMs, beforeId] = page.before ?? [Number.MAX_SAFE_INTEGER, ""];
      const { results } = await db
        .prepare(
          `SELECT ${columns}
           FROM review_cases WHERE resolved_at_ms IS NULL AND (opened_at_ms, id) < (?1, ?2)
           ORDER BY opened_at_ms DESC, id DESC LIMIT ?3`,
        )
        .bind(beforeMs, beforeId, page.limit)
        .all<ReviewCase>();
      return results;
    },
  };
}
