import type { EventFacts } from "@foyer/contracts/events/rpc";
import { type CallContext, callContextSchema } from "@foyer/contracts/shared/actor";
import { isId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { toFacts } from "../domain/facts.ts";

/** The facts of an event for other workers, whatever its status; `events.not_found` for unknown ids. */
export async function getEventFacts(
  deps: Pick<Deps, "events">,
  call: CallContext,
  input: { readonly eventId: string },
): Promise<Result<EventFacts>> {
  callContextSchema.parse(call); // a peer that calls wrongly is a bug
  const event = isId("event", input.eventId) ? await deps.events.find(input.eventId) : null;
  return event === null ? fail("events.not_found", "No such event.") : ok(toFacts(event));
}
