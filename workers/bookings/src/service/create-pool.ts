import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import type { Answered } from "../clients/box-offices.ts";
import type { Deps } from "../deps.ts";
import type { IdempotencyClaim } from "../durable-objects/answers.ts";
import type { OperationInput, OperationValue } from "../durable-objects/operations.ts";
import { authorizeEvent } from "./authorize-event.ts";

/** Adds a pool to an event. */
export async function createPool(
  deps: Deps,
  call: CallContext & { readonly idempotency?: IdempotencyClaim | null },
  input: { readonly eventId: EventId } & OperationInput<"createPool">,
): Promise<Answered<OperationValue<"createPool">>> {
  const { eventId, ...asked } = input;
  const allowed = await authorizeEvent(deps, call, { eventId, permission: "sales.write" });
  if (!allowed.ok) return { result: allowed, replayed: false };
  return deps.offices.run(eventId, "createPool", asked, call);
}
