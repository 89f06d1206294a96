import type { MessageType, Payload } from "@foyer/contracts/messages/catalog";
import type { Envelope } from "@foyer/contracts/messages/envelope";
import { toRfc3339 } from "@foyer/kernel/clock";
import { newId, type RandomBytes, secureRandom } from "@foyer/kernel/ids";

/** Wraps a payload for the outbox. The id made here is what every consumer dedupes by. */
export function newMessage<T extends MessageType>(
  type: T,
  payload: Payload<T>,
  from: { readonly source: string; readonly requestId: string; readonly nowMs: number; readonly random?: RandomBytes },
): Envelope<T> {
  return {
    id: newId("message", from.nowMs, from.random ?? secureRandom),
    type,
    occurredAt: toRfc3339(from.nowMs),
    source: from.source,
    requestId: from.requestId,
    payload,
  };
}
