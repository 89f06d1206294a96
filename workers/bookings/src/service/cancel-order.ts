import { requireFresh } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { type EventId, eventIdOf, type OrderId } from "@foyer/kernel/ids";
import { type Failure, fail } from "@foyer/kernel/result";
import type { Answered } from "../clients/box-offices.ts";
import type { Deps } from "../deps.ts";
import type { Order } from "../domain/model.ts";
import type { IdempotencyClaim } from "../durable-objects/answers.ts";
import { authorizeEvent } from "./authorize-event.ts";

/**
 * The organizer cancels an order of their event; what was paid is told to payments as due back, and so a paid order takes the
 * permission to refund, and a fresh proof of identity, as well.
 */
export async function cancelOrder(
  deps: Deps,
  call: CallContext & { readonly idempotency: IdempotencyClaim | null },
  input: { readonly eventId: EventId; readonly orderId: OrderId },
): Promise<Answered<Order>> {
  const { eventId, orderId } = input;
  const allowed = await authorizeEvent(deps, call, { eventId, permission: "orders.write" });
  if (!allowed.ok) return { result: allowed, replayed: false };
  if (eventIdOf(orderId) !== eventId) {
    return { result: fail("bookings.order_not_found", "There is no such order."), replayed: false };
  }
  const refundRefusal = await refuseRefund(deps, call, eventId);
  return deps.offices.run(eventId, "cancelAnyOrder", { orderId, refundRefusal }, call);
}

/** Why this caller may send no money back; null where they may. */
async function refuseRefund(deps: Deps, call: CallContext, eventId: EventId): Promise<Failure | null> {
  const allowed = await authorizeEvent(deps, call, { eventId, permission: "payments.refund" });
  if (!allowed.ok) {
    const detail = "To cancel a paid order sends money back, which you may not do.";
    return { code: "auth.forbidden", detail };
  }
  const fresh = requireFresh(call.actor, deps.clock.nowMs());
  return fresh.ok ? null : fresh.error;
}
