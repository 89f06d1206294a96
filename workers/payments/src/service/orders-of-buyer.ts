import type { OrderCursor } from "@foyer/contracts/bookings/rpc";
import type { OrderId, UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { systemCall } from "./system-call.ts";

/** A person whose orders are looked for. */
export interface Buyer {
  readonly userId: UserId;
  /** An address that they have proven to be theirs; null where there is none. */
  readonly email: string | null;
  /** What was made under the address later is another's, epoch milliseconds. */
  readonly madeUntilMs: number;
}

/**
 * Does something with the ids of a person's orders, newest first, page by page, {@link limits.exportRowsMax} of them at most; says whether there are
 * more. Payments knows orders and no buyers, so bookings is asked.
 */
export async function eachOrdersOfBuyer(
  deps: Pick<Deps, "bookings">,
  buyer: Buyer,
  requestId: string,
  act: (orderIds: readonly OrderId[]) => Promise<void>,
): Promise<Result<{ readonly isCut: boolean }>> {
  let after: OrderCursor | null = null;
  for (let count = 0; count < limits.exportRowsMax; ) {
    const page: Awaited<ReturnType<Deps["bookings"]["listOrdersOfPerson"]>> = await deps.bookings.listOrdersOfPerson(
      systemCall(requestId),
      { ...buyer, after },
    );
    if (!page.ok) return page;
    const { orderIds, next } = page.value;
    if (orderIds.length > 0) await act(orderIds);
    if (next === null) return ok({ isCut: false });
    count += orderIds.length;
    after = next;
  }
  return ok({ isCut: true });
}
