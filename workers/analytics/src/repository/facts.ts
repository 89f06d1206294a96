import type { Fact, FactKind } from "../domain/facts.ts";

/** The statement that records a fact. Of two tellings of the same, the earlier stays. */
export function recordFact(db: D1Database, fact: Fact, nowMs: number): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO facts (kind, subject, event_id, organization_id, at_ms, count, tickets, amount_minor, currency, source, message_id,
         recorded_at_ms)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
       ON CONFLICT (kind, subject) DO UPDATE SET event_id = excluded.event_id, organization_id = excluded.organization_id,
         at_ms = excluded.at_ms, count = excluded.count, tickets = excluded.tickets, amount_minor = excluded.amount_minor,
         currency = excluded.currency, source = excluded.source, message_id = excluded.message_id,
         recorded_at_ms = excluded.recorded_at_ms
       WHERE (excluded.at_ms, excluded.message_id) < (facts.at_ms, facts.message_id)`,
    )
    .bind(
      fact.kind,
      fact.subject,
      fact.eventId,
      fact.organizationId,
      fact.atMs,
      fact.count,
      fact.tickets,
      fact.money?.amount ?? 0,
      fact.money?.currency ?? "",
      fact.source,
      fact.messageId,
      nowMs,
    );
}

/** Facts that nothing later can tell of again: of a message for itself, and of a visitor, who counts once a day. */
const passingKinds = [
  "view",
  "visitor",
  "reservation_created",
  "reservation_released",
  "reservation_expired",
] as const satisfies readonly FactKind[];

/**
 * Forgets single views, visitors and counts of reservations that are older than the given moment; their sums stay. At most
 * five thousand a call of each.
 */
export async function forgetOldFacts(db: D1Database, beforeMs: number): Promise<void> {
  await db.batch(
    passingKinds.map((kind) =>
      db
        .prepare(`DELETE FROM facts WHERE rowid IN (SELECT rowid FROM facts WHERE kind = ?1 AND at_ms < ?2 LIMIT 5000)`)
        .bind(kind, beforeMs),
    ),
  );
}
