import type { PaymentId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { payerIsForgotten } from "./forgotten-orders.ts";

/** A stored event that waits to be acted on. */
export interface StoredEvent {
  readonly id: string;
  readonly type: string;
  readonly body: string;
  /** How often it has been tried, this time included. */
  readonly attempts: number;
}

/** An event as it came. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly body: string;
  /** The payment that it is about: by our own id, or else by the provider's. */
  readonly about: { readonly paymentId: PaymentId | null; readonly intentId: string | null };
}

export type ProviderEventRepository = ReturnType<typeof createProviderEventRepository>;

/** The provider's events in D1, as they came. */
export function createProviderEventRepository(db: D1Database) {
  const leaseMs = limits.providerEventLeaseSeconds * 1000;
  return {
    /** Stores an event under its id; false where it is here already. Whoever stores it has a lease to act on it. */
    async add({ id, type, body, about }: NewEvent, nowMs: number): Promise<boolean> {
      const result = await db
        .prepare(
          `INSERT INTO provider_events (id, type, body, payment_id, state, attempts, next_attempt_at_ms, received_at_ms)
           VALUES (?1, ?2, ?3, COALESCE(?6, (SELECT id FROM payments WHERE intent_id = ?7)), 'received', 1, ?4, ?5)
           ON CONFLICT DO NOTHING`,
        )
        .bind(id, type, body, nowMs + leaseMs, nowMs, about.paymentId, about.intentId)
        .run();
      return result.meta.changes === 1;
    },

    /** Takes events that are due, under a lease. */
    async claimDue(nowMs: number): Promise<StoredEvent[]> {
      const { results } = await db
        .prepare(
          `UPDATE provider_events SET attempts = attempts + 1, next_attempt_at_ms = ?2
           WHERE id IN (SELECT id FROM provider_events WHERE next_attempt_at_ms <= ?1 ORDER BY next_attempt_at_ms LIMIT ?3)
           RETURNING id, type, body, attempts`,
        )
        .bind(nowMs, nowMs + leaseMs, limits.providerEventsPerSweepMax)
        .all<StoredEvent>();
      return results;
    },

    /** Acted on, or nothing to act on: of a buyer who is forgotten it says no more. */
    async finish(id: string, nowMs: number): Promise<void> {
      await db
        .prepare(
          `UPDATE provider_events SET state = 'done', next_attempt_at_ms = NULL, error = NULL, finished_at_ms = ?2,
             body = IIF(${payerIsForgotten}, '', body)
           WHERE id = ?1`,
        )
        .bind(id, nowMs)
        .run();
    },

    /** Could not be acted on; `nextAttemptAtMs` null gives it up. */
    async postpone(id: string, error: string, nextAttemptAtMs: number | null): Promise<void> {
      await db
        .prepare(
          `UPDATE provider_events SET state = IIF(?3 IS NULL, 'failed', 'received'), error = ?2, next_attempt_at_ms = ?3,
             body = IIF(?3 IS NULL AND ${payerIsForgotten}, '', body)
           WHERE id = ?1 AND state <> 'done'`,
        )
        .bind(id, error.slice(0, 500), nextAttemptAtMs)
        .run();
    },

    /** Forgets events that were done with before the given moment; at most a thousand. */
    async forgetOld(beforeMs: number): Promise<number> {
      const result = await db
        .prepare(
          `DELETE FROM provider_events WHERE id IN (
             SELECT id FROM provider_events WHERE received_at_ms < ?1 AND state = 'done' LIMIT 1000)`,
        )
        .bind(beforeMs)
        .run();
      return result.meta.changes;
    },
  };
}
