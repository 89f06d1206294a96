import type { EventId, OrderId, OrganizationId, UserId } from "@foyer/kernel/ids";
import { type ForgottenPerson, nobody } from "../domain/forgetting.ts";
import type { LineItem, OrderSummary } from "../domain/order-summary.ts";
import type { CurrencySums } from "../domain/sales-summary.ts";
import type { OrderStatus } from "../domain/states.ts";

/** Where a page goes on: the moment and id of the last row seen. */
export type OrderPosition = readonly [number, string];

export interface OrderFilter {
  readonly status: OrderStatus | null;
  /** Part of the buyer's name or address, or an order's id. */
  readonly q: string | null;
}

/** The query model of orders. */
export interface OrdersRepository {
  /** The statement that stores an order's state unless a newer one is there. */
  upsert(order: OrderSummary): D1PreparedStatement;
  /** A person's orders: of their account, and those of nobody's account under an address of theirs. Newest first. */
  listOfPerson(person: ForgottenPerson, page: { limit: number; after: OrderPosition | null }): Promise<OrderSummary[]>;
  /** As {@link listOfPerson}, and those of other accounts that name the address. */
  listNaming(person: ForgottenPerson, limit: number): Promise<OrderSummary[]>;
  /** Takes a person out of these orders, as their box offices have done. */
  forget(person: ForgottenPerson, ids: readonly OrderId[]): Promise<void>;
  /** Sums over orders whose tickets stand, by currency: of an organization, and of each of these events of it. One round trip. */
  sumUp(
    organizationId: OrganizationId,
    eventIds: readonly EventId[],
  ): Promise<{
    readonly ofOrganization: readonly CurrencySums[];
    readonly ofEvents: readonly (CurrencySums & { readonly eventId: EventId })[];
  }>;
  listOfUser(userId: UserId, page: { limit: number; after: OrderPosition | null }): Promise<OrderSummary[]>;
  listOfEvent(
    eventId: EventId,
    filter: OrderFilter,
    page: { limit: number; after: OrderPosition | null },
  ): Promise<OrderSummary[]>;
}

interface OrderRow {
  readonly id: OrderId;
  readonly event_id: EventId;
  readonly organization_id: OrganizationId;
  readonly user_id: UserId | null;
  readonly status: OrderStatus;
  readonly sequence: number;
  readonly items: string;
  readonly tickets: number;
  readonly total_minor: number;
  readonly refunded_minor: number;
  readonly currency: string;
  readonly buyer_name: string;
  readonly buyer_email: string;
  readonly created_at_ms: number;
  readonly updated_at_ms: number;
}

/** Orders whose tickets stand; word for word as the index `orders_sold` has it, or SQLite does not use that. */
const sold = "status IN ('confirmed', 'partially_refunded')";
const newestFirst = "ORDER BY created_at_ms DESC, id DESC LIMIT";
const start: OrderPosition = [Number.MAX_SAFE_INTEGER, ""];

/** Orders in D1. */
export function createOrdersRepository(db: D1Database): OrdersRepository {
  return {
    upsert: (order) =>
      db
        .prepare(
          `INSERT INTO orders (id, event_id, organization_id, user_id, status, sequence, items, tickets, total_minor,
             refunded_minor, currency, buyer_name, buyer_email, created_at_ms, updated_at_ms)
           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
           ON CONFLICT (id) DO UPDATE SET status = excluded.status, sequence = excluded.sequence,
             tickets = excluded.tickets, refunded_minor = excluded.refunded_minor, buyer_name = excluded.buyer_name, buyer_email = excluded.buyer_email,
             user_id = excluded.user_id, updated_at_ms = excluded.updated_at_ms
           WHERE excluded.sequence > orders.sequence`,
        )
        .bind(
          order.id,
          order.eventId,
          order.organizationId,
          order.userId,
          order.status,
          order.sequence,
          JSON.stringify(order.items),
          order.ticketCount,
          order.totalMinor,
          order.refundedMinor,
          order.currency,
          order.buyer.name,
          order.buyer.email,
          order.createdAtMs,
          order.updatedAtMs,
        ),

    async listOfPerson({ userId, address, requestedAtMs }, { limit, after }) {
      const [atMs, id] = after ?? start;
      const { results } = await db
        .prepare(
          `SELECT * FROM orders WHERE (user_id = ?1 OR (user_id IS NULL AND buyer_email = ?2 AND created_at_ms <= ?3))
             AND (created_at_ms, id) < (?4, ?5) ${newestFirst} ?6`,
        )
        .bind(userId, address, requestedAtMs, atMs, id, limit)
        .all<OrderRow>();
      return results.map(fromRow);
    },

    async listNaming({ userId, address, requestedAtMs }, limit) {
      const { results } = await db
        .prepare(
          `SELECT * FROM orders WHERE user_id = ?1 OR (buyer_email = ?2 AND created_at_ms <= ?3) ${newestFirst} ?4`,
        )
        .bind(userId, address, requestedAtMs, limit)
        .all<OrderRow>();
      return results.map(fromRow);
    },

    async forget({ userId, address }, ids) {
      await db
        .prepare(
          `UPDATE orders SET buyer_email = CASE WHEN user_id = ?2 OR buyer_email = ?3 THEN '' ELSE buyer_email END,
             buyer_name = CASE WHEN user_id = ?2 OR (user_id IS NULL AND buyer_email = ?3) THEN ?4 ELSE buyer_name END,
             user_id = CASE WHEN user_id = ?2 THEN NULL ELSE user_id END
           WHERE id IN (SELECT value FROM json_each(?1))`,
        )
        .bind(JSON.stringify(ids), userId, address, nobody.name)
        .run();
    },

    async sumUp(organizationId, eventIds) {
      const sums = `currency, count(*) AS orders, sum(tickets) AS tickets, sum(total_minor - refunded_minor) AS revenueMinor
         FROM orders WHERE organization_id = ?1 AND ${sold}`;
      const [ofOrganization, ofEvents] = await db.batch<CurrencySums & { readonly eventId: EventId }>([
        db.prepare(`SELECT ${sums} GROUP BY currency`).bind(organizationId),
        db
          .prepare(
            `SELECT event_id AS eventId, ${sums} AND event_id IN (SELECT value FROM json_each(?2)) GROUP BY event_id, currency`,
          )
          .bind(organizationId, JSON.stringify(eventIds)),
      ]);
      return { ofOrganization: ofOrganization?.results ?? [], ofEvents: ofEvents?.results ?? [] };
    },

    async listOfUser(userId, { limit, after }) {
      const [atMs, id] = after ?? start;
      const { results } = await db
        .prepare(`SELECT * FROM orders WHERE user_id = ?1 AND (created_at_ms, id) < (?2, ?3) ${newestFirst} ?4`)
        .bind(userId, atMs, id, limit)
        .all<OrderRow>();
      return results.map(fromRow);
    },

    async listOfEvent(eventId, filter, { limit, after }) {
      const [atMs, id] = after ?? start;
      // Not LIKE: D1 takes no pattern above 50 bytes, and addresses and ids are longer.
      const { results } = await db
        .prepare(
          `SELECT * FROM orders WHERE event_id = ?1 AND (created_at_ms, id) < (?2, ?3) AND (?4 IS NULL OR status = ?4)
             AND (?5 IS NULL OR id = ?5 OR instr(lower(buyer_name), lower(?5)) OR instr(lower(buyer_email), lower(?5)))
           ${newestFirst} ?6`,
        )
        .bind(eventId, atMs, id, filter.status, filter.q, limit)
        .all<OrderRow>();
      return results.map(fromRow);
    },
  };
}

function fromRow(row: OrderRow): OrderSummary {
  return {
    id: row.id,
    eventId: row.event_id,
    organizationId: row.organization_id,
    userId: row.user_id,
    status: row.status,
    sequence: row.sequence,
    items: JSON.parse(row.items) as LineItem[], // written by upsert()
    ticketCount: row.tickets,
    totalMinor: row.total_minor,
    refundedMinor: row.refunded_minor,
    currency: row.currency,
    buyer: { name: row.buyer_name, email: row.buyer_email },
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
  };
}
