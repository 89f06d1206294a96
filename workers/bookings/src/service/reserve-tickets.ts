import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import type { Answered } from "../clients/box-offices.ts";
import type { Deps } from "../deps.ts";
import type { Reservation } from "../domain/model.ts";
import type { WantedItem } from "../domain/reservation-rules.ts";
import type { IdempotencyClaim } from "../durable-objects/answers.ts";

/** Holds tickets for whoever asks, all or none. One call of the event's object decides it. */
export function reserveTickets(
  deps: Pick<Deps, "offices">,
  call: CallContext & { readonly idempotency: IdempotencyClaim | null },
  input: { readonly eventId: EventId; readonly items: readonly WantedItem[]; readonly accessCode: string | null },
): Promise<Answered<Reservation>> {
  const { eventId, ...wanted } = input;
  const userId = call.actor.kind === "user" ? call.actor.userId : null;
  return deps.offices.run(eventId, "reserve", { ...wanted, userId }, call);
}
