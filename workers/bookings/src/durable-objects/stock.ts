import { assert, required } from "@foyer/kernel/assert";
import type { PoolId } from "@foyer/kernel/ids";
import { freeIn } from "../domain/availability.ts";
import type { Line, Pool } from "../domain/model.ts";
import { claimsOf } from "../domain/reservation-rules.ts";
import { insertRows, insertRowsStatement } from "./rows.ts";

/** Why counters moved; the `kind` of a ledger row. */
export type StockMove =
  | "capacity" // an organizer changed what there is
  | "hold" // free -> held, a reservation
  | "release" // held -> free, given back
  | "expire" // held -> free, too late
  | "sell" // held -> sold, tickets issued
  | "sell_late" // free -> sold, paid after the hold was gone
  | "return"; // sold -> free, tickets voided

const deltas: Readonly<Record<Exclude<StockMove, "capacity">, { readonly held: number; readonly sold: number }>> = {
  hold: { held: 1, sold: 0 },
  release: { held: -1, sold: 0 },
  expire: { held: -1, sold: 0 },
  sell: { held: -1, sold: 1 },
  sell_late: { held: 0, sold: 1 },
  return: { held: 0, sold: -1 },
};

const insertLedger = insertRowsStatement("ledger", ["pool_id", "kind", "capacity", "held", "sold", "ref", "at_ms"]);

/**
 * The pools and their counters: kept in memory, written once a batch, and told by an append-only ledger that must always add
 * up to them. The database checks once more what is asserted here.
 */
export class Stock {
  readonly #sql: SqlStorage;
  readonly #pools = new Map<PoolId, Pool>();
  readonly #dirty = new Set<PoolId>();
  #ledger: (readonly [PoolId, string, number, number, number, string, number])[] = [];

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  /** Forgets what is in memory and reads the tables. */
  load(): void {
    this.#pools.clear();
    this.#dirty.clear();
    this.#ledger = [];
    const rows = this.#sql.exec<{
      id: PoolId;
      name: string;
      capacity: number;
      held: number;
      sold: number;
      version: number;
    }>("SELECT id, name, capacity, held, sold, version FROM pools ORDER BY id");
    for (const row of rows) this.#pools.set(row.id, row);
  }

  get pools(): ReadonlyMap<PoolId, Pool> {
    return this.#pools;
  }

  get isDirty(): boolean {
    return this.#dirty.size > 0;
  }

  /** Adds an empty pool and gives it its capacity. */
  addPool(id: PoolId, name: string, capacity: number, nowMs: number): Pool {
    this.#sql.exec("INSERT INTO pools (id, name, capacity, held, sold, version) VALUES (?, ?, 0, 0, 0, 1)", id, name);
    this.#pools.set(id, { id, name, capacity: 0, held: 0, sold: 0, version: 1 });
    this.setCapacity(id, capacity, nowMs);
    return this.pool(id);
  }

  /** Changes a capacity; the caller has checked that it is not below what is held and sold. */
  setCapacity(id: PoolId, capacity: number, nowMs: number): void {
    const pool = this.pool(id);
    this.#put({ ...pool, capacity });
    this.#ledger.push([id, "capacity", capacity - pool.capacity, 0, 0, id, nowMs]);
  }

  /** Renames a pool or marks it changed. */
  touch(id: PoolId, name: string): void {
    const pool = this.pool(id);
    const version = pool.version + 1;
    this.#sql.exec("UPDATE pools SET name = ?, version = ? WHERE id = ?", name, version, id);
    this.#put({ ...pool, name, version });
  }

  /** Takes an unused pool away; the ledger gives its capacity back. */
  removePool(id: PoolId, nowMs: number): void {
    const pool = this.pool(id);
    assert(pool.held === 0 && pool.sold === 0, "a pool in use is not removed");
    this.#ledger.push([id, "capacity", -pool.capacity, 0, 0, id, nowMs]);
    this.#sql.exec("DELETE FROM pools WHERE id = ?", id);
    this.#pools.delete(id);
    this.#dirty.delete(id);
  }

  /** Moves the places of these lines, in every pool that they draw on. `ref` is whom it was done for. */
  move(kind: Exclude<StockMove, "capacity">, lines: readonly Line[], ref: string, nowMs: number): void {
    const delta = deltas[kind];
    for (const [poolId, count] of claimsOf(lines)) {
      const pool = this.pool(poolId);
      const held = delta.held * count;
      const sold = delta.sold * count;
      this.#put({ ...pool, held: pool.held + held, sold: pool.sold + sold });
      this.#ledger.push([poolId, kind, 0, held, sold, ref, nowMs]);
    }
  }

  /** Writes the counters that moved and the ledger of the batch. */
  flush(): void {
    for (const id of this.#dirty) {
      const pool = this.pool(id);
      this.#sql.exec(
        "UPDATE pools SET capacity = ?, held = ?, sold = ? WHERE id = ?",
        pool.capacity,
        pool.held,
        pool.sold,
        id,
      );
    }
    this.#dirty.clear();
    insertRows(this.#sql, insertLedger, this.#ledger);
    this.#ledger = [];
  }

  pool(id: PoolId): Pool {
    return required(this.#pools.get(id), `pool ${id} is not known`);
  }

  #put(pool: Pool): void {
    assert(pool.held >= 0 && pool.sold >= 0 && freeIn(pool) >= 0, `pool ${pool.id} would go below zero`);
    this.#pools.set(pool.id, pool);
    this.#dirty.add(pool.id);
  }
}
