import type { Actor } from "@foyer/contracts/shared/actor";
import type { OrderId, ReservationId } from "@foyer/kernel/ids";
import type { EventKeys } from "../clients/event-keys.ts";
import type { Holder } from "../domain/model.ts";

/** What a caller has shown of themselves for one reservation or order: their account, and whether they know its secret. */
export function holderOf(
  keys: EventKeys,
  actor: Actor,
  id: ReservationId | OrderId,
  secret: string | undefined,
): Holder {
  return { userId: actor.kind === "user" ? actor.userId : null, proven: keys.proves(id, secret) };
}
