import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { OrderSummary } from "../domain/order-summary.ts";
import type { OrderFilter, OrderPosition } from "../repository/orders.ts";
import { authorizeEvent } from "./authorize-event.ts";

/** Orders of an event, newest first, from the query model; for members who may read orders. */
export async function listEventOrders(
  deps: Deps,
  call: CallContext,
  input: {
    readonly eventId: EventId;
    readonly filter: OrderFilter;
    readonly limit: number;
    readonly after: OrderPosition | null;
  },
): Promise<Result<readonly OrderSummary[]>> {
  const allowed = await authorizeEvent(deps, call, { eventId: input.eventId, permission: "orders.read" });
  return allowed.ok ? ok(await deps.orders.listOfEvent(input.eventId, input.filter, input)) : allowed;
}
