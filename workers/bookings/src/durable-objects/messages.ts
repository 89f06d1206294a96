import type { TicketTypeId } from "@foyer/kernel/ids";
import type { Line } from "../domain/model.ts";

/** Lines as messages name them. */
export function itemsOf(lines: readonly Line[]): { ticketTypeId: TicketTypeId; quantity: number }[] {
  return lines.map(({ ticketTypeId, quantity }) => ({ ticketTypeId, quantity }));
}
