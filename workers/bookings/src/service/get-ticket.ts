import type { CallContext, HolderProof } from "@foyer/contracts/shared/actor";
import { eventIdOf, type TicketId } from "@foyer/kernel/ids";
import type { Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { TicketWithOrder } from "../durable-objects/operations/tickets.ts";
import { holderOf } from "./holder.ts";

/** A ticket, for the holder of its order. */
export async function getTicket(
  deps: Pick<Deps, "offices" | "keys">,
  call: CallContext,
  input: { readonly ticketId: TicketId; readonly proof: HolderProof },
): Promise<Result<TicketWithOrder>> {
  const { ticketId, proof } = input;
  const eventId = eventIdOf(ticketId);
  // The secret is the order's, so the order must be known before the secret can be checked.
  const { result: order } = await deps.offices.run(eventId, "getOrderOfTicket", { ticketId }, call);
  if (!order.ok) return order;
  const holder = holderOf(deps.keys, call.actor, order.value, proof.secret);
  return (await deps.offices.run(eventId, "getTicket", { ticketId, holder }, call)).result;
}
