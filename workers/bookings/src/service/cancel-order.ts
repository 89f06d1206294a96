import type { CallContext } from "@foyer/contracts/shared/actor";
import { type EventId, eventIdOf, type OrderId } from "@foyer/kernel/ids";
import { fail } from "@foyer/kernel/result";
import type { Answered } from "../clients/box-offices.ts";
import type { Deps } from "../deps.ts";
import type { Order } from "../domain/model.ts";
import type { IdempotencyClaim } from "../durable-objects/answers.ts";
import { authorizeEvent } from "./authorize-event.ts";

/**
 * The organizer cancels an order of their event; what was paid is told to payments as due back, and so a paid order takes the
 * permission to refund as well.
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
  const mayRefund = (await authorizeEvent(deps, call, { eventId, permission: "payments.refund" })).ok;
  return deps.offices.run(eventId, "cancelAnyOrder", { orderId, mayRefund }, call);
}
