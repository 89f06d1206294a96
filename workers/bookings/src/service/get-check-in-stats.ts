import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import type { Answered } from "../clients/box-offices.ts";
import type { Deps } from "../deps.ts";
import type { IdempotencyClaim } from "../durable-objects/answers.ts";
import type { OperationInput, OperationValue } from "../durable-objects/operations.ts";
import { authorizeEvent } from "./authorize-event.ts";

/** How many came. */
export async function getCheckInStats(
  deps: Deps,
  call: CallContext & { readonly idempotency?: IdempotencyClaim | null },
  input: { readonly eventId: EventId } & OperationInput<"getCheckInStats">,
): Promise<Answered<OperationValue<"getCheckInStats">>> {
  const { eventId, ...asked } = input;
  const allowed = await authorizeEvent(deps, call, { eventId, permission: "checkins.read" });
  if (!allowed.ok) return { result: allowed, replayed: false };
  return deps.offices.run(eventId, "getCheckInStats", asked, call);
}
