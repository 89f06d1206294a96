import type { PoolId, TicketTypeId } from "@foyer/kernel/ids";
import type { TicketType } from "../domain/model.ts";
import type { SalesMoment } from "../domain/sales-window.ts";

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
  sales_start_rule: string | null;
  sales_end_rule: string | null;
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
         sales_start_at_ms, sales_end_at_ms, sales_start_rule, sales_end_rule, visibility, access_code, version)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      type.id,
      type.name,
      type.description,
      type.kind,
      type.priceMinor,
      type.currency,
      type.minPerOrder,
      type.maxPerOrder,
      instantOf(type.salesStart),
      instantOf(type.salesEnd),
      ruleOf(type.salesStart),
      ruleOf(type.salesEnd),
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

function instantOf(moment: SalesMoment | null): number | null {
  return typeof moment === "number" ? moment : null;
}

function ruleOf(moment: SalesMoment | null): string | null {
  return moment === null || typeof moment === "number" ? null : JSON.stringify(moment);
}

function momentFrom(atMs: number | null, rule: string | null): SalesMoment | null {
  return rule === null ? atMs : (JSON.parse(rule) as SalesMoment); // written by ruleOf()
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
    salesStart: momentFrom(row.sales_start_at_ms, row.sales_start_rule),
    salesEnd: momentFrom(row.sales_end_at_ms, row.sales_end_rule),
    visibility: row.visibility,
    accessCode: row.access_code,
    version: row.version,
  };
}
