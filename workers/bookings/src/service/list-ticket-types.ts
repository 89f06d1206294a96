import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { OperationValue } from "../durable-objects/operations.ts";
import { authorizeEvent } from "./authorize-event.ts";

/** Ticket types of an event: all of them for members of its organization, for everyone else those that are sold in public. */
export async function listTicketTypes(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId },
): Promise<Result<{ readonly found: OperationValue<"listTicketTypes">; readonly isMember: boolean }>> {
  const { eventId, ...asked } = input;
  const isMember =
    call.actor.kind !== "anonymous" && (await authorizeEvent(deps, call, { eventId, permission: "sales.read" })).ok;
  const { result } = await deps.offices.run(eventId, "listTicketTypes", { ...asked, publicOnly: !isMember }, call);
  return result.ok ? ok({ found: result.value, isMember }) : result;
}
