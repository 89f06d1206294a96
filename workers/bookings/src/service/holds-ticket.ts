import type { CallContext, HolderProof } from "@foyer/contracts/shared/actor";
import { type EventId, eventIdOf, type OrderId } from "@foyer/kernel/ids";
import { fail, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { holderOf } from "./holder.ts";

/**
 * Whether whoever calls holds a ticket of the event that admits: of this order, by its secret or their account, or of any of their account's. Everything
 * else is `bookings.order_not_found`.
 */
export async function holdsTicket(
  deps: Pick<Deps, "offices" | "keys">,
  call: CallContext,
  input: { readonly eventId: EventId; readonly orderId: OrderId | null; readonly proof: HolderProof },
): Promise<Result<null>> {
  const { eventId, orderId, proof } = input;
  if (orderId === null) {
    const userId = call.actor.kind === "user" ? call.actor.userId : null;
    return userId === null
      ? orderNotFound()
      : (await deps.offices.run(eventId, "hasTicketOfUser", { userId }, call)).result;
  }
  if (eventIdOf(orderId) !== eventId) return orderNotFound();
  const holder = holderOf(deps.keys, call.actor, orderId, proof.secret);
  return (await deps.offices.run(eventId, "hasTicketOfOrder", { orderId, holder }, call)).result;
}

function orderNotFound(): ReturnType<typeof fail> {
  return fail("bookings.order_not_found", "There is no such order.");
}
