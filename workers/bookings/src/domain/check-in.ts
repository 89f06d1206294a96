import type { Ticket } from "./model.ts";
import { canMove, ticketMoves } from "./states.ts";

/** What happens at the door with a ticket whose code was signed by us. A code of an older issue admits nobody. */
export function decideCheckIn(
  ticket: Pick<Ticket, "status" | "codeVersion">,
  codeVersion: number,
  direction: "in" | "out",
): "admitted" | "checked_out" | "already_checked_in" | "not_checked_in" | "void" | "transferred" {
  if (ticket.status === "void") return "void";
  if (ticket.status === "transferred" || codeVersion !== ticket.codeVersion) return "transferred";
  if (direction === "in") {
    return canMove(ticketMoves, ticket.status, "checked_in") ? "admitted" : "already_checked_in";
  }
  return canMove(ticketMoves, ticket.status, "checked_out") ? "checked_out" : "not_checked_in";
}
