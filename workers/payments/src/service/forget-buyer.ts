import type { UserId } from "@foyer/kernel/ids";
import type { Deps } from "../deps.ts";
import { type Buyer, eachOrdersOfBuyer } from "./orders-of-buyer.ts";
import { systemCall } from "./system-call.ts";

/**
 * Forgets a person in the payments of the orders that bookings knows to be theirs; may be repeated. Those whose buyer bookings has forgotten by now it
 * no longer finds, and tells of one by one (`order.forgotten`). Throws where users or bookings has no answer: again, later.
 */
export async function forgetBuyer(
  deps: Pick<Deps, "db" | "clock" | "users" | "bookings" | "forgottenOrders">,
  { userId, requestId }: { readonly userId: UserId; readonly requestId: string },
): Promise<void> {
  const buyer = await identify(deps, userId, requestId);
  const done = await eachOrdersOfBuyer(deps, buyer, requestId, async (orderIds) => {
    await deps.db.batch([...deps.forgottenOrders.forget(orderIds, deps.clock.nowMs())]);
  });
  if (!done.ok) throw new Error(`bookings: ${done.error.code}`);
}

/** Who it is. An erasure that is over, or unknown, leaves the account's id to go by. */
async function identify(deps: Pick<Deps, "users">, userId: UserId, requestId: string): Promise<Buyer> {
  const due = await deps.users.getErasure(systemCall(requestId), { userId });
  if (due.ok) {
    const { email, emailVerified, requestedAtMs } = due.value;
    return { userId, email: emailVerified ? email : null, madeUntilMs: requestedAtMs };
  }
  if (due.error.code !== "users.erasure_unknown") throw new Error(`users: ${due.error.code}`);
  return { userId, email: null, madeUntilMs: 0 };
}
