import { actorName, type CallContext } from "@foyer/contracts/shared/actor";
import { limits } from "@foyer/kernel/limits";
import { fail, type Result } from "@foyer/kernel/result";
import { newMessage } from "@foyer/messaging/message";
import type { News } from "../domain/news.ts";
import type { ChangeNote, OutgoingNews } from "../repository/events.ts";

/** The note that a change leaves in the event's history; `about` names fields that changed, or codes of what was missing. */
export function noteOf(call: CallContext, action: string, nowMs: number, about: readonly string[] = []): ChangeNote {
  return { action, actor: actorName(call.actor), atMs: nowMs, about };
}

/** News in their envelopes. */
export function wrapNews(news: readonly News[], call: CallContext, nowMs: number): OutgoingNews[] {
  return news.map(({ type, payload, only }) => {
    // The union of News pairs each type with its payload; the pair is lost by destructuring and holds all the same.
    const message = newMessage(type, payload, { source: "events", requestId: call.requestId, nowMs });
    return { message: message as OutgoingNews["message"], ...(only === undefined ? {} : { only }) };
  });
}

/**
 * Runs a change again from its reading when another one came first, so that a caller without `If-Match` is served, and one
 * with it learns from the fresh reading that it is stale. Gives up with `events.changed_meanwhile`.
 */
export async function untilStored<T>(attempt: () => Promise<Result<T> | "overtaken">): Promise<Result<T>> {
  for (let count = 0; count < limits.versionAttemptsMax; count += 1) {
    const outcome = await attempt();
    if (outcome !== "overtaken") return outcome;
  }
  return fail("events.changed_meanwhile", "Others are changing this event; try again.", { retryAfterSeconds: 1 });
}
