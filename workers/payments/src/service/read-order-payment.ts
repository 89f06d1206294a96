import type { CallContext } from "@foyer/contracts/shared/actor";
import type { OrderId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { isLive } from "../domain/payment.ts";
import { orderFailure, requireHolder } from "./order-holder.ts";
import { type Settled, settlePayment } from "./settle-payment.ts";

/**
 * The newest payment of an order, for whoever holds it. One that is not at its end is compared with the provider first, so
 * that a buyer who comes back waits for no webhook; where the provider is not there, what is known is the answer.
 */
export async function readOrderPayment(
  deps: Deps,
  call: CallContext,
  input: { readonly orderId: OrderId; readonly secret: string | null },
): Promise<Result<Settled>> {
  const proof = requireHolder(call.actor, input.secret);
  if (!proof.ok) return proof;
  const held = await deps.bookings.getOrderState(call, { orderId: input.orderId, proof: proof.value });
  if (!held.ok) return { ok: false, error: orderFailure(held.error) };
  const payment = await deps.payments.latestOf(input.orderId);
  if (payment === null) return fail("payments.not_found", "The order has no payment.");
  const unfinished = isLive(payment.status) || (payment.status === "succeeded" && payment.orderOutcome === null);
  if (!unfinished) return ok({ payment, seen: null });
  const settled = await settlePayment(deps, { cause: "buyer", requestId: call.requestId }, payment.id);
  if (settled.ok) return settled;
  return ok({ payment: (await deps.payments.get(payment.id)) ?? payment, seen: null });
}
