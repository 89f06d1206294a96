import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import type { Answered } from "../clients/box-offices.ts";
import type { Deps } from "../deps.ts";
import type { Reservation } from "../domain/model.ts";
import type { WantedItem } from "../domain/reservation-rules.ts";
import type { IdempotencyClaim } from "../durable-objects/answers.ts";
import { accessOf } from "./event-access.ts";

/**
 * Holds tickets for whoever asks, all or none. One call of the event's object decides it, also whether a gated event lets this grant in.
 */
export function reserveTickets(
  deps: Pick<Deps, "offices" | "access">,
  call: CallContext & { readonly idempotency: IdempotencyClaim | null },
  input: {
    readonly eventId: EventId;
    readonly items: readonly WantedItem[];
    readonly accessCode: string | null;
    /** As the caller showed it; null where they showed none, which is nearly always and costs nothing. */
    readonly grant: string | null;
  },
): Promise<Answered<Reservation>> {
  const { eventId, items, accessCode, grant } = input;
  const userId = call.actor.kind === "user" ? call.actor.userId : null;
  const wanted = { items, accessCode, userId };
  if (grant === null) return deps.offices.run(eventId, "reserve", wanted, call);
  return accessOf(deps, { eventId, grant }).then((access) =>
    deps.offices.run(eventId, "reserve", { ...wanted, ...access }, call),
  );
}
