import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { newsOfChange } from "../domain/news.ts";
import type { OutgoingNews } from "../repository/events.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";

/** What an event becomes, and what is to be told besides; null where it is as it should be. */
export type Follow = (
  before: EventWithText,
  nowMs: number,
) => Promise<{
  readonly after: EventWithText;
  readonly news?: ((after: EventWithText) => readonly OutgoingNews[]) | undefined;
} | null>;

/**
 * Brings events after what they keep copies of, each as a change of its own: version claimed, others told, page forgotten. One that fails is
 * logged and left to the next run; the others are not held up. Says how many followed.
 */
export async function followAll(
  deps: Pick<Deps, "events" | "pages" | "clock" | "log">,
  call: CallContext,
  eventIds: readonly EventId[],
  action: string,
  follow: Follow,
): Promise<number> {
  let followed = 0;
  for (const eventId of eventIds) {
    try {
      const result = await untilStored<null>(async () => {
        const before = await deps.events.find(eventId);
        const nowMs = deps.clock.nowMs();
        const change = before === null ? null : await follow(before, nowMs);
        if (before === null || change === null) return { ok: true, value: null };
        const after = { ...change.after, version: before.version + 1, updatedAtMs: nowMs };
        const news = [...wrapNews(newsOfChange(before, after), call, nowMs), ...(change.news?.(after) ?? [])];
        if ((await deps.events.saveCopies(after, noteOf(call, action, nowMs), news)) === "overtaken")
          return "overtaken";
        deps.pages.forget(after);
        return { ok: true, value: null };
      });
      if (result.ok) followed += 1;
      else deps.log.warn("event left to the next run", { eventId, action, code: result.error.code });
    } catch (thrown) {
      deps.log.error("event left to the next run", { eventId, action, ...describeError(thrown) });
    }
  }
  return followed;
}
