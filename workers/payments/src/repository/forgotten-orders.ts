import type { OrderId } from "@foyer/kernel/ids";

/** True in a query of `payments` where the buyer of its row's order is forgotten. */
export const buyerIsForgotten = "EXISTS (SELECT 1 FROM forgotten_orders f WHERE f.order_id = payments.order_id)";

/** True in a query of `provider_events` where its row is about a payment of such an order. */
export const payerIsForgotten = `EXISTS (SELECT 1 FROM payments WHERE payments.id = provider_events.payment_id AND ${buyerIsForgotten})`;

export type ForgottenOrdersRepository = ReturnType<typeof createForgottenOrdersRepository>;

/** Orders in D1 whose buyers are forgotten. */
export function createForgottenOrdersRepository(db: D1Database) {
  return {
    /**
     * Empties what names the buyers of these orders. What is still needed for their money stays until it has served: an event that waits to be acted on,
     * and a request that the provider has not answered, which would find no payment under other words. Both are emptied by whoever is done with them.
     */
    forget(orderIds: readonly OrderId[], nowMs: number): readonly D1PreparedStatement[] {
      const ids = JSON.stringify(orderIds);
      const ofThese = "order_id IN (SELECT value FROM json_each(?1))";
      return [
        db
          .prepare(
            `INSERT INTO forgotten_orders (order_id, forgotten_at_ms) SELECT value, ?2 FROM json_each(?1) WHERE TRUE
             ON CONFLICT DO NOTHING`,
          )
          .bind(ids, nowMs),
        db
          .prepare(`UPDATE payments SET pending_request = NULL WHERE ${ofThese} AND next_check_at_ms IS NULL`)
          .bind(ids),
        db
          .prepare(
            `UPDATE provider_events SET body = '' WHERE state <> 'received'
             AND payment_id IN (SELECT id FROM payments WHERE ${ofThese})`,
          )
          .bind(ids),
      ];
    },
  };
}
