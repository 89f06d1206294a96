import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { PublicTicketKey } from "../clients/event-keys.ts";
import type { Deps } from "../deps.ts";
import { authorizeEvent } from "./authorize-event.ts";

/** The public key of an event's ticket codes, so that a door can check one without a network. */
export async function getCheckInKey(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId },
): Promise<Result<PublicTicketKey>> {
  const allowed = await authorizeEvent(deps, call, { eventId: input.eventId, permission: "checkins.read" });
  return allowed.ok ? ok(await deps.keys.publicKey(input.eventId)) : allowed;
}
