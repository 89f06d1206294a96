import { requireUser } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { OrderSummary } from "../domain/order-summary.ts";
import type { OrderPosition } from "../repository/orders.ts";

/** Orders of the signed-in user, newest first, from the query model. */
export async function listMyOrders(
  deps: Pick<Deps, "orders">,
  call: CallContext,
  input: { readonly limit: number; readonly after: OrderPosition | null },
): Promise<Result<readonly OrderSummary[]>> {
  const user = requireUser(call.actor);
  return user.ok ? ok(await deps.orders.listOfUser(user.value.userId, input)) : user;
}
