import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { EventWithText } from "../../domain/event.ts";
import { toFacts } from "../../domain/facts.ts";
import { lifecycle } from "../../domain/lifecycle.ts";
import { newsOfChange } from "../../domain/news.ts";
import { revisionMarks } from "../../domain/plan-changes.ts";
import { missingForPublishing } from "../../domain/publishing.ts";
import type { SeriesDate } from "../../domain/series.ts";
import { untilStored, wrapNews } from "../change.ts";
import { closeUnlessPublished } from "../publish-event.ts";
import { type Round, roundNote } from "./round.ts";

/**
 * Publishes a date as its series was told to: the box office first, as for an event alone. One that is no draft any more is left as it is. Fails
 * with `events.not_publishable` or `platform.unavailable`.
 */
export async function publishOccurrence(deps: Deps, round: Round, date: SeriesDate): Promise<Result<null>> {
  const { call } = round;
  const { eventId } = date;
  let openedVersion: number | null = null;
  const result = await untilStored<null>(async () => {
    const before = await deps.events.find(eventId);
    const status = before === null || before.status !== "draft" ? undefined : lifecycle[before.status].publish;
    if (before === null || status === undefined) {
      await deps.seriesWork.markPublished(eventId);
      return ok(null);
    }
    const readiness = await deps.bookings.getSaleReadiness(call, { eventId });
    if (!readiness.ok) return readiness;
    const nowMs = deps.clock.nowMs();
    const isClosed = await deps.events.isClosed(before.organizationId);
    if (isClosed || missingForPublishing(before, readiness.value.missing, nowMs).length > 0)
      return fail("events.not_publishable", "The date lacks what publishing asks for.");
    const published: EventWithText = {
      ...before,
      status,
      version: before.version + 1,
      updatedAtMs: nowMs,
      publishedAtMs: before.publishedAtMs ?? nowMs,
    };
    const after = { ...published, ...revisionMarks(before, published) };
    const sale = await deps.bookings.openSale(call, { event: toFacts(after) });
    if (!sale.ok) return sale;
    openedVersion = after.version;
    const news = wrapNews(newsOfChange(before, after), call, nowMs);
    const note = roundNote(round, "publish", nowMs);
    const stored = await deps.seriesWork.saveOccurrence(after, note, news, { published: true });
    if (stored === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok(null);
  });
  if (!result.ok && openedVersion !== null) await closeUnlessPublished(deps, call, eventId, openedVersion);
  return result;
}
