import { requireSystem } from "@foyer/auth/guards";
import type { OrderDocument } from "@foyer/contracts/bookings/rpc";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { eventIdOf, type OrderId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { isHeld } from "../domain/model.ts";

/** An order with everything that its mails say, secrets included; for other workers only. */
export async function getOrderDocument(
  deps: Pick<Deps, "offices" | "keys">,
  call: CallContext,
  input: { readonly orderId: OrderId },
): Promise<Result<OrderDocument>> {
  const system = requireSystem(call.actor);
  if (!system.ok) return system;
  const { result } = await deps.offices.run(eventIdOf(input.orderId), "getOrderContents", input, call);
  if (!result.ok) return result;
  const { order, tickets, event } = result.value;
  const admitting = tickets.filter(isHeld);
  return ok({
    orderId: order.id,
    organizationId: event.organizationId,
    event,
    status: order.status,
    buyer: { ...order.buyer, userId: order.userId },
    total: { amount: order.totalMinor, currency: order.currency },
    secret: deps.keys.secretOf(order.id),
    tickets: await Promise.all(
      admitting.map(async (ticket) => ({
        ticketId: ticket.id,
        ticketTypeName: ticket.ticketTypeName,
        holderName: ticket.holder.name,
        code: await deps.keys.sign({ ticketId: ticket.id, codeVersion: ticket.codeVersion }),
      })),
    ),
  });
}
