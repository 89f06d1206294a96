import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { OperationValue } from "../durable-objects/operations.ts";
import { authorizeEvent } from "./authorize-event.ts";
import { accessOf } from "./event-access.ts";

/** Ticket types of an event: all of them for members of its organization; for everyone else whom it lets in, those that are sold in public. */
export async function listTicketTypes(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly grant: string | null },
): Promise<Result<{ readonly found: OperationValue<"listTicketTypes">; readonly isMember: boolean }>> {
  const { eventId, grant, ...asked } = input;
  const isMember =
    call.actor.kind !== "anonymous" && (await authorizeEvent(deps, call, { eventId, permission: "sales.read" })).ok;
  const access = isMember ? {} : await accessOf(deps, { eventId, grant });
  const reader = { ...access, publicOnly: !isMember };
  const { result } = await deps.offices.run(eventId, "listTicketTypes", { ...asked, ...reader }, call);
  return result.ok ? ok({ found: result.value, isMember }) : result;
}
