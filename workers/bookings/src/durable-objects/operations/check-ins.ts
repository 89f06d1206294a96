import type { checkInDirections, checkInResults } from "@foyer/contracts/bookings/api";
import type { TicketId, TicketTypeId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { decideCheckIn } from "../../domain/check-in.ts";
import type { Ticket } from "../../domain/model.ts";
import { move, type TicketStatus, ticketMoves } from "../../domain/states.ts";
import type { Office } from "../office.ts";
import type { Tally } from "../tickets-table.ts";
import { eventNotFound } from "./shared.ts";

export type CheckInDirection = (typeof checkInDirections)[number];
export type CheckInResult = (typeof checkInResults)[number];

/** What the door is told. */
export interface CheckInAnswer {
  readonly result: CheckInResult;
  readonly ticket: {
    readonly id: TicketId;
    readonly ticketTypeId: TicketTypeId;
    readonly ticketTypeName: string;
    readonly holderName: string;
    readonly status: TicketStatus;
  } | null;
  readonly checkedInAtMs: number | null;
}

export interface CheckInInput {
  readonly ticketId: TicketId;
  readonly codeVersion: number;
  readonly direction: CheckInDirection;
  readonly nonce: string | null;
  /** When the device scanned; never later than now. */
  readonly scannedAtMs: number | null;
  readonly scannedBy: string;
}

/**
 * Lets a ticket in or out once. The worker has verified the code's signature. The same nonce again gets the first answer, so
 * that a device may send a scan until it is told that it arrived.
 */
export function checkIn(office: Office, input: CheckInInput): Result<CheckInAnswer> {
  if (office.preparedSale === null) return eventNotFound();
  if (input.nonce !== null) {
    const [known] = office.sql
      .exec<{ ticket_id: string; direction: string; answer: string }>(
        "SELECT ticket_id, direction, answer FROM check_ins WHERE nonce = ?",
        input.nonce,
      )
      .toArray();
    if (known !== undefined) {
      if (known.ticket_id !== input.ticketId || known.direction !== input.direction) {
        return fail("idempotency.mismatch", "This nonce was used for another scan.");
      }
      return ok(again(office, known.answer));
    }
  }
  const ticket = office.tickets.find(input.ticketId);
  if (ticket === null) return ok({ result: "unknown", ticket: null, checkedInAtMs: null });
  const result = decideCheckIn(ticket, input.codeVersion, input.direction);
  const atMs = Math.min(input.scannedAtMs ?? office.nowMs, office.nowMs);
  const after = result === "admitted" || result === "checked_out" ? apply(office, ticket, result, atMs) : ticket;
  const answer: CheckInAnswer = {
    result,
    ticket: {
      id: after.id,
      ticketTypeId: after.ticketTypeId,
      ticketTypeName: after.ticketTypeName,
      holderName: after.holder.name,
      status: after.status,
    },
    checkedInAtMs: after.checkedInAtMs,
  };
  office.sql.exec(
    `INSERT INTO check_ins (ticket_id, direction, result, nonce, answer, scanned_at_ms, recorded_at_ms, scanned_by)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    ticket.id,
    input.direction,
    result,
    input.nonce,
    JSON.stringify(nameless(answer)),
    atMs,
    office.nowMs,
    input.scannedBy,
  );
  return ok(answer);
}

/** An answer as it is kept: names are in one place only. */
type KeptAnswer = Omit<CheckInAnswer, "ticket"> & {
  readonly ticket: Omit<NonNullable<CheckInAnswer["ticket"]>, "holderName"> | null;
};

function nameless({ ticket, ...rest }: CheckInAnswer): KeptAnswer {
  if (ticket === null) return { ...rest, ticket };
  const { holderName: _kept, ...plain } = ticket;
  return { ...rest, ticket: plain };
}

/** A kept answer, given again. */
function again(office: Office, kept: string): CheckInAnswer {
  const { ticket, ...rest } = JSON.parse(kept) as KeptAnswer; // written above
  if (ticket === null) return { ...rest, ticket };
  return { ...rest, ticket: { ...ticket, holderName: office.tickets.find(ticket.id)?.holder.name ?? "" } };
}

function apply(office: Office, ticket: Ticket, result: "admitted" | "checked_out", atMs: number): Ticket {
  const admitted = result === "admitted";
  const after: Ticket = {
    ...ticket,
    status: move(ticketMoves, ticket.status, admitted ? "checked_in" : "checked_out"),
    version: ticket.version + 1,
    checkedInAtMs: ticket.checkedInAtMs ?? atMs,
  };
  office.tickets.update(ticket, after);
  office.tell(admitted ? "ticket.checked_in" : "ticket.checked_out", {
    ...office.scope,
    ticketId: ticket.id,
    ticketTypeId: ticket.ticketTypeId,
    atMs,
  });
  return after;
}

/** How many came, from counters; names of ticket types that are no longer offered are empty. */
export function getCheckInStats(
  office: Office,
): Result<{ readonly tallies: readonly Tally[]; readonly names: Readonly<Record<string, string>> }> {
  if (office.preparedSale === null) return eventNotFound();
  const names: Record<string, string> = {};
  for (const type of office.catalog.types.values()) names[type.id] = type.name;
  return ok({ tallies: office.tickets.tallies(), names });
}
