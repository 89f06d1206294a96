import type { OrderId, ReservationId, UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Line, Reservation } from "../domain/model.ts";
import type { ReservationStatus } from "../domain/states.ts";
import { insertRows, insertRowsStatement } from "./rows.ts";

interface ReservationRow extends Record<string, SqlStorageValue> {
  id: ReservationId;
  status: ReservationStatus;
  lines: string;
  currency: string;
  user_id: UserId | null;
  expires_at_ms: number;
  extended: number;
  order_id: OrderId | null;
}

const insertReservations = insertRowsStatement("reservations", [
  "id",
  "status",
  "lines",
  "currency",
  "user_id",
  "expires_at_ms",
  "extended",
  "order_id",
]);
const columns = "id, status, lines, currency, user_id, expires_at_ms, extended, order_id";

/** Reservations: new ones are written at the end of the batch that made them, all at once. */
export class ReservationsTable {
  readonly #sql: SqlStorage;
  #fresh: Reservation[] = [];
  /** No active reservation expires before this moment; null when there is none at all. */
  #nextExpiryMs: number | null = null;

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  load(): void {
    this.#fresh = [];
    this.readNextExpiry();
  }

  insert(reservation: Reservation): void {
    this.#fresh.push(reservation);
    if (this.#nextExpiryMs === null || reservation.expiresAtMs < this.#nextExpiryMs) {
      this.#nextExpiryMs = reservation.expiresAtMs;
    }
  }

  flush(): void {
    if (this.#fresh.length === 0) return;
    insertRows(
      this.#sql,
      insertReservations,
      this.#fresh.map((reservation) => [
        reservation.id,
        reservation.status,
        JSON.stringify(reservation.lines),
        reservation.currency,
        reservation.userId,
        reservation.expiresAtMs,
        reservation.extended ? 1 : 0,
        reservation.orderId,
      ]),
    );
    this.#fresh = [];
  }

  find(id: ReservationId): Reservation | null {
    this.flush();
    const [row] = this.#sql.exec<ReservationRow>(`SELECT ${columns} FROM reservations WHERE id = ?`, id).toArray();
    return row === undefined ? null : fromRow(row);
  }

  update(reservation: Reservation): void {
    this.#sql.exec(
      "UPDATE reservations SET status = ?, lines = ?, currency = ?, expires_at_ms = ?, extended = ?, order_id = ? WHERE id = ?",
      reservation.status,
      JSON.stringify(reservation.lines),
      reservation.currency,
      reservation.expiresAtMs,
      reservation.extended ? 1 : 0,
      reservation.orderId,
      reservation.id,
    );
  }

  /** Forgets whose a reservation was. */
  disown(id: ReservationId): void {
    this.flush();
    this.#sql.exec("UPDATE reservations SET user_id = NULL WHERE id = ?", id);
  }

  get nextExpiryMs(): number | null {
    return this.#nextExpiryMs;
  }

  /** Active reservations that are past their time, oldest first, a bounded number. */
  due(nowMs: number): Reservation[] {
    this.flush();
    return this.#sql
      .exec<ReservationRow>(
        `SELECT ${columns} FROM reservations WHERE status = 'active' AND expires_at_ms <= ? ORDER BY expires_at_ms LIMIT ?`,
        nowMs,
        limits.expiriesPerSweepMax,
      )
      .toArray()
      .map(fromRow);
  }

  /** Reservations whose places are held. */
  countActive(nowMs: number): number {
    this.flush();
    return this.#sql
      .exec<{ n: number }>(
        "SELECT count(*) AS n FROM reservations WHERE status = 'active' AND expires_at_ms > ?",
        nowMs,
      )
      .one().n;
  }

  /** Reservations that hold places, a bounded number; each that is ended makes room for the next. */
  active(countMax: number): Reservation[] {
    this.flush();
    return this.#sql
      .exec<ReservationRow>(
        `SELECT ${columns} FROM reservations WHERE status = 'active' ORDER BY expires_at_ms LIMIT ?`,
        countMax,
      )
      .toArray()
      .map(fromRow);
  }

  /** Finds the next expiry anew. */
  readNextExpiry(): void {
    this.flush();
    this.#nextExpiryMs = this.#sql
      .exec<{ next: number | null }>("SELECT min(expires_at_ms) AS next FROM reservations WHERE status = 'active'")
      .one().next;
  }
}

function fromRow(row: ReservationRow): Reservation {
  return {
    id: row.id,
    status: row.status,
    lines: JSON.parse(row.lines) as Line[], // written by flush() from lines
    currency: row.currency,
    userId: row.user_id,
    expiresAtMs: row.expires_at_ms,
    extended: row.extended === 1,
    orderId: row.order_id,
  };
}
