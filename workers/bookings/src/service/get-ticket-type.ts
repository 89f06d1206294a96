import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, TicketTypeId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { OperationValue } from "../durable-objects/operations.ts";
import { authorizeEvent } from "./authorize-event.ts";
import { accessOf } from "./event-access.ts";

/** One ticket type; what is not sold in public is there for members of the organization only. */
export async function getTicketType(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly ticketTypeId: TicketTypeId; readonly grant: string | null },
): Promise<Result<{ readonly found: OperationValue<"getTicketType">; readonly isMember: boolean }>> {
  const { eventId, grant, ...asked } = input;
  const isMember =
    call.actor.kind !== "anonymous" && (await authorizeEvent(deps, call, { eventId, permission: "sales.read" })).ok;
  const access = isMember ? {} : await accessOf(deps, { eventId, grant });
  const reader = { ...access, publicOnly: !isMember };
  const { result } = await deps.offices.run(eventId, "getTicketType", { ...asked, ...reader }, call);
  return result.ok ? ok({ found: result.value, isMember }) : result;
}
