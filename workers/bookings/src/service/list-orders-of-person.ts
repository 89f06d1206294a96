import { requireSystem } from "@foyer/auth/guards";
import type { OrderCursor } from "@foyer/contracts/bookings/rpc";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { OrderId, UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";

/** Ids of a person's orders, newest first, a page; for other workers only, which have made sure whose account and address it is. */
export async function listOrdersOfPerson(
  deps: Pick<Deps, "orders">,
  call: CallContext,
  input: {
    readonly userId: UserId;
    readonly email: string | null;
    readonly madeUntilMs: number;
    readonly after: OrderCursor | null;
  },
): Promise<Result<{ readonly orderIds: readonly OrderId[]; readonly next: OrderCursor | null }>> {
  const system = requireSystem(call.actor);
  if (!system.ok) return system;
  const { userId, email: address, madeUntilMs: requestedAtMs, after } = input;
  const limit = limits.idsPerCallMax;
  const orders = await deps.orders.listOfPerson({ userId, address, requestedAtMs }, { limit, after });
  const last = orders.length < limit ? undefined : orders.at(-1);
  return ok({
    orderIds: orders.map(({ id }) => id),
    next: last === undefined ? null : [last.createdAtMs, last.id],
  });
}
