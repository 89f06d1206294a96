import type { OrderId, TicketId, TicketTypeId, UserId } from "@foyer/kernel/ids";
import type { Ticket } from "../domain/model.ts";
import { admittingStatuses, type TicketStatus } from "../domain/states.ts";
import { standing } from "./orders-table.ts";
import { insertRows, insertRowsStatement } from "./rows.ts";

interface TicketRow extends Record<string, SqlStorageValue> {
  id: TicketId;
  order_id: OrderId;
  position: number;
  ticket_type_id: TicketTypeId;
  ticket_type_name: string;
  status: TicketStatus;
  code_version: number;
  version: number;
  holder_name: string;
  holder_email: string | null;
  checked_in_at_ms: number | null;
}

const insertTickets = insertRowsStatement("tickets", [
  "id",
  "order_id",
  "position",
  "ticket_type_id",
  "ticket_type_name",
  "status",
  "code_version",
  "version",
  "holder_name",
  "holder_email",
  "checked_in_at_ms",
]);

/** How many tickets of a type are in a state. */
export interface Tally {
  readonly ticketTypeId: TicketTypeId;
  readonly status: TicketStatus;
  readonly count: number;
}

/** Tickets, and counters of them by type and state, so that a door's figures cost nothing. */
export class TicketsTable {
  readonly #sql: SqlStorage;
  #fresh: (readonly [number, Ticket])[] = [];
  readonly #tallies = new Map<string, Tally>();
  readonly #dirty = new Set<string>();

  constructor(sql: SqlStorage) {
    this.#sql = sql;
  }

  load(): void {
    this.#fresh = [];
    this.#dirty.clear();
    this.#tallies.clear();
    const rows = this.#sql.exec<{ ticket_type_id: TicketTypeId; status: TicketStatus; count: number }>(
      "SELECT ticket_type_id, status, count FROM ticket_tallies",
    );
    for (const row of rows) {
      this.#tallies.set(`${row.ticket_type_id} ${row.status}`, {
        ticketTypeId: row.ticket_type_id,
        status: row.status,
        count: row.count,
      });
    }
  }

  /** Adds the tickets of an order, in their order. */
  insert(tickets: readonly Ticket[]): void {
    for (const [position, ticket] of tickets.entries()) {
      this.#fresh.push([position, ticket]);
      this.#count(ticket.ticketTypeId, ticket.status, 1);
    }
  }

  find(id: TicketId): Ticket | null {
    this.#writeFresh();
    const [row] = this.#sql.exec<TicketRow>("SELECT * FROM tickets WHERE id = ?", id).toArray();
    return row === undefined ? null : fromRow(row);
  }

  ofOrder(orderId: OrderId): Ticket[] {
    this.#writeFresh();
    return this.#sql
      .exec<TicketRow>("SELECT * FROM tickets WHERE order_id = ? ORDER BY position", orderId)
      .toArray()
      .map(fromRow);
  }

  /** Whether a ticket of any order of this account's admits. */
  admitsUser(userId: UserId): boolean {
    this.#writeFresh();
    const statuses = admittingStatuses.map((status) => `'${status}'`).join(", ");
    return (
      this.#sql
        .exec(
          `SELECT 1 FROM (SELECT id FROM orders WHERE user_id = ? AND ${standing}) o CROSS JOIN tickets t ON t.order_id = o.id
           WHERE t.status IN (${statuses}) LIMIT 1`,
          userId,
        )
        .toArray().length > 0
    );
  }

  /** Writes a ticket's new state over `before`. */
  update(before: Ticket, ticket: Ticket): void {
    this.#sql.exec(
      "UPDATE tickets SET status = ?, code_version = ?, version = ?, checked_in_at_ms = ? WHERE id = ?",
      ticket.status,
      ticket.codeVersion,
      ticket.version,
      ticket.checkedInAtMs,
      ticket.id,
    );
    this.#count(before.ticketTypeId, before.status, -1);
    this.#count(ticket.ticketTypeId, ticket.status, 1);
  }

  /** Writes who holds a ticket. Its code stays good. */
  updateHolder(ticket: Ticket): void {
    this.#writeFresh();
    this.#sql.exec(
      "UPDATE tickets SET holder_name = ?, holder_email = ?, version = ? WHERE id = ?",
      ticket.holder.name,
      ticket.holder.email,
      ticket.version,
      ticket.id,
    );
  }

  tallies(): readonly Tally[] {
    return [...this.#tallies.values()];
  }

  flush(): void {
    this.#writeFresh();
    for (const key of this.#dirty) {
      const tally = this.#tallies.get(key);
      if (tally === undefined) continue;
      this.#sql.exec(
        `INSERT INTO ticket_tallies (ticket_type_id, status, count) VALUES (?, ?, ?)
         ON CONFLICT (ticket_type_id, status) DO UPDATE SET count = excluded.count`,
        tally.ticketTypeId,
        tally.status,
        tally.count,
      );
    }
    this.#dirty.clear();
  }

  #count(ticketTypeId: TicketTypeId, status: TicketStatus, change: number): void {
    const key = `${ticketTypeId} ${status}`;
    const count = (this.#tallies.get(key)?.count ?? 0) + change;
    this.#tallies.set(key, { ticketTypeId, status, count });
    this.#dirty.add(key);
  }

  #writeFresh(): void {
    if (this.#fresh.length === 0) return;
    insertRows(
      this.#sql,
      insertTickets,
      this.#fresh.map(([position, ticket]) => [
        ticket.id,
        ticket.orderId,
        position,
        ticket.ticketTypeId,
        ticket.ticketTypeName,
        ticket.status,
        ticket.codeVersion,
        ticket.version,
        ticket.holder.name,
        ticket.holder.email,
        ticket.checkedInAtMs,
      ]),
    );
    this.#fresh = [];
  }
}

function fromRow(row: TicketRow): Ticket {
  return {
    id: row.id,
    orderId: row.order_id,
    ticketTypeId: row.ticket_type_id,
    ticketTypeName: row.ticket_type_name,
    status: row.status,
    codeVersion: row.code_version,
    version: row.version,
    holder: { name: row.holder_name, email: row.holder_email },
    checkedInAtMs: row.checked_in_at_ms,
  };
}
