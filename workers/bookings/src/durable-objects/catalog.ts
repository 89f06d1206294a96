import type { PoolId, TicketTypeId } from "@foyer/kernel/ids";
import type { TicketType } from "../domain/model.ts";

interface TicketTypeRow extends Record<string, SqlStorageValue> {
  id: TicketTypeId;
  name: string;
  description: string;
  kind: "paid" | "free";
  price_minor: number;
  currency: string | null;
  min_per_order: number;
  max_per_order: number;
  sales_start_at_ms: number | null;
  sales_end_at_ms: number | null;
  visibility: "public" | "hidden";
  access_code: string | null;
  version: number;
  pool_ids: string;
}

/** The ticket types of the event, kept in memory and written through. */
export class Catalog {
  readonly #sql: SqlStorage;
  readonly #types = new Map<TicketTypeId, TicketType>();
  #dirty = false;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Forgets what is in memory and reads the tables; ids sort by time of making. */
  load(): void {
    this.#types.clear();
    this.#dirty = false;
    const rows = this.#sql.exec<TicketTypeRow>(
      `SELECT t.*, (SELECT json_group_array(pool_id) FROM ticket_type_pools p WHERE p.ticket_type_id = t.id) AS pool_ids
       FROM ticket_types t ORDER BY id`,
    );
    for (const row of rows) this.#types.set(row.id, fromRow(row));
  }

  get types(): ReadonlyMap<TicketTypeId, TicketType> {
    return this.#types;
  }

  get isDirty(): boolean {
    return this.#dirty;
  }

  /** Marks the offer as changed by something outside the tables, such as the start of the sale. */
  changed(): void {
    this.#dirty = true;
  }

  /** Forgets that something changed, once it was told. */
  clean(): void {
    this.#dirty = false;
  }

  /** Writes a new or changed ticket type whole. */
  put(type: TicketType): void {
    this.#sql.exec(
      `INSERT OR REPLACE INTO ticket_types (id, name, description, kind, price_minor, currency, min_per_order, max_per_order,
         sales_start_at_ms, sales_end_at_ms, visibility, access_code, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      type.id,
      type.name,
      type.description,
      type.kind,
      type.priceMinor,
      type.currency,
      type.minPerOrder,
      type.maxPerOrder,
      type.salesStartAtMs,
      type.salesEndAtMs,
      type.visibility,
      type.accessCode,
      type.version,
    );
    this.#sql.exec("DELETE FROM ticket_type_pools WHERE ticket_type_id = ?", type.id);
    for (const poolId of type.poolIds) {
      this.#sql.exec("INSERT INTO ticket_type_pools (ticket_type_id, pool_id) VALUES (?, ?)", type.id, poolId);
    }
    this.#types.set(type.id, type);
    this.#dirty = true;
  }

  /** Ends the offer. What was sold of it stays: reservations and orders carry what they need of their ticket type. */
  remove(id: TicketTypeId): void {
    this.#sql.exec("DELETE FROM ticket_types WHERE id = ?", id);
    this.#sql.exec("DELETE FROM ticket_type_pools WHERE ticket_type_id = ?", id);
    this.#types.delete(id);
    this.#dirty = true;
  }

  /** Ticket types that draw on a pool. */
  drawingOn(poolId: PoolId): TicketType[] {
    return [...this.#types.values()].filter((type) => type.poolIds.includes(poolId));
  }
}

function fromRow(row: TicketTypeRow): TicketType {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    kind: row.kind,
    priceMinor: row.price_minor,
    currency: row.currency,
    poolIds: JSON.parse(row.pool_ids) as PoolId[], // written by put() from ids of pools
    minPerOrder: row.min_per_order,
    maxPerOrder: row.max_per_order,
    salesStartAtMs: row.sales_start_at_ms,
    salesEndAtMs: row.sales_end_at_ms,
    visibility: row.visibility,
    accessCode: row.access_code,
    version: row.version,
  };
}
