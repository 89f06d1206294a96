import type { Sum } from "../domain/summary.ts";
import type { Figures } from "../service/ports.ts";

/** Reads the sums that the triggers keep. Each method is one round trip. */
export function createFigures(db: D1Database): Figures {
  return {
    async ofEvent(eventId) {
      const { results } = await db
        .prepare(
          `SELECT kind, currency, count, tickets, amount_minor AS amountMinor, updated_at_ms AS updatedAtMs
           FROM totals WHERE event_id = ?1`,
        )
        .bind(eventId)
        .all<Sum & { updatedAtMs: number }>();
      return results;
    },

    async ofOrganization(organizationId) {
      const [events, sums] = await db.batch<unknown>([
        db.prepare("SELECT count(*) AS count FROM event_owners WHERE organization_id = ?1").bind(organizationId),
        db
          .prepare(
            `SELECT t.kind, t.currency, sum(t.count) AS count, sum(t.tickets) AS tickets, sum(t.amount_minor) AS amountMinor,
               max(t.updated_at_ms) AS updatedAtMs
             FROM event_owners o CROSS JOIN totals t ON t.event_id = o.event_id
             WHERE o.organization_id = ?1 GROUP BY t.kind, t.currency`,
          )
          .bind(organizationId),
      ]);
      const [row] = (events?.results ?? []) as { count: number }[];
      return { events: row?.count ?? 0, sums: (sums?.results ?? []) as (Sum & { updatedAtMs: number })[] };
    },

    async salesBySteps(eventId, { firstMs, step, count }) {
      const { results } = await db
        .prepare(
          `SELECT kind, currency, hour_ms - hour_ms % ?4 AS stepAtMs, sum(count) AS count, sum(tickets) AS tickets,
             sum(amount_minor) AS amountMinor
           FROM hourly WHERE event_id = ?1 AND kind IN ('order_confirmed', 'refund') AND hour_ms >= ?2 AND hour_ms < ?3
           GROUP BY kind, currency, stepAtMs`,
        )
        .bind(eventId, firstMs, firstMs + step * count, step)
        .all<Sum & { stepAtMs: number }>();
      return results;
    },
  };
}
