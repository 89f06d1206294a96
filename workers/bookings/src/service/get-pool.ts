import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import type { Answered } from "../clients/box-offices.ts";
import type { Deps } from "../deps.ts";
import type { IdempotencyClaim } from "../durable-objects/answers.ts";
import type { OperationInput, OperationValue } from "../durable-objects/operations.ts";
import { authorizeEvent } from "./authorize-event.ts";

/** One pool of an event. */
export async function getPool(
  deps: Deps,
  call: CallContext & { readonly idempotency?: IdempotencyClaim | null },
  input: { readonly eventId: EventId } & OperationInput<"getPool">,
): Promise<Answered<OperationValue<"getPool">>> {
  const { eventId, ...asked } = input;
  const allowed = await authorizeEvent(deps, call, { eventId, permission: "sales.read" });
  if (!allowed.ok) return { result: allowed, replayed: false };
  return deps.offices.run(eventId, "getPool", asked, call);
}
