import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import type { Answered } from "../clients/box-offices.ts";
import type { Deps } from "../deps.ts";
import type { IdempotencyClaim } from "../durable-objects/answers.ts";
import type { OperationInput, OperationValue } from "../durable-objects/operations.ts";
import { authorizeEvent } from "./authorize-event.ts";

/** Changes a ticket type. */
export async function updateTicketType(
  deps: Deps,
  call: CallContext & { readonly idempotency?: IdempotencyClaim | null },
  input: { readonly eventId: EventId } & OperationInput<"updateTicketType">,
): Promise<Answered<OperationValue<"updateTicketType">>> {
  const { eventId, ...asked } = input;
  const allowed = await authorizeEvent(deps, call, { eventId, permission: "sales.write" });
  if (!allowed.ok) return { result: allowed, replayed: false };
  return deps.offices.run(eventId, "updateTicketType", asked, call);
}
