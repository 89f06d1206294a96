import type { CallContext } from "@foyer/contracts/shared/actor";
import { required } from "@foyer/kernel/assert";
import { limits } from "@foyer/kernel/limits";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../deps.ts";
import { lifecycle } from "../domain/lifecycle.ts";
import { asSystem } from "./access.ts";
import { noteOf } from "./change.ts";

/**
 * Completes published events that are over; run by cron, a batch at a time, so that thousands are caught up with in a few minutes. Search
 * and bookings are told of each. Repeatable. Answers how many were completed.
 */
export async function completeEvents(deps: Pick<Deps, "clock" | "due" | "pages">, call: CallContext): Promise<number> {
  const status = required(lifecycle.published.complete, "the table lets published events be completed");
  const roundsMax = limits.eventsCompletedPerRunMax / limits.eventsCompletedPerBatchMax;
  let completed = 0;
  for (let round = 0; round < roundsMax; round += 1) {
    const nowMs = deps.clock.nowMs();
    const over = await deps.due.toComplete(nowMs, limits.eventsCompletedPerBatchMax);
    const changes = over.map((event) => {
      const version = event.version + 1;
      const payload = { eventId: event.id, organizationId: event.organizationId, version };
      const message = newMessage("event.completed", payload, { source: "events", requestId: call.requestId, nowMs });
      return { id: event.id, version, message };
    });
    completed += await deps.due.complete(changes, status, noteOf(asSystem(call), "complete", nowMs));
    for (const event of over) deps.pages.forget(event);
    if (over.length < limits.eventsCompletedPerBatchMax) break;
  }
  return completed;
}
