import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import { asSystem } from "./access.ts";
import { noteOf, untilStored } from "./change.ts";
import { publishEvent } from "./publish-event.ts";

/**
 * Publishes the scheduled events that are due; run by cron, several side by side. One that lacks something becomes a draft again, with what is missing
 * in its history; one whose box office does not answer stays scheduled and is tried at the next run. Repeatable. Answers how many became public.
 */
export async function publishDueEvents(deps: Deps, call: CallContext): Promise<number> {
  const due = await deps.due.toPublish(deps.clock.nowMs(), limits.eventsPublishedPerRunMax);
  let published = 0;
  for (let first = 0; first < due.length; first += limits.eventsPublishedAtOnceMax) {
    const together = due.slice(first, first + limits.eventsPublishedAtOnceMax);
    const outcomes = await Promise.all(together.map((eventId) => publishDue(deps, call, eventId)));
    published += outcomes.filter(Boolean).length;
  }
  return published;
}

async function publishDue(deps: Deps, call: CallContext, eventId: EventId): Promise<boolean> {
  try {
    const result = await publishEvent(deps, asSystem(call), { eventId, move: "publish_due" });
    if (result.ok) return true;
    if (result.error.code === "events.not_publishable") await returnToDraft(deps, call, eventId, result.error.extra);
    else deps.log.warn("scheduled event left to the next run", { eventId, refusal: result.error.code });
  } catch (thrown) {
    // One event's trouble is not the others'.
    deps.log.error("scheduled event left to the next run", { eventId, ...describeError(thrown) });
  }
  return false;
}

/** What was not ready in time is not published by surprise later: it is its organizer's again. */
async function returnToDraft(
  deps: Deps,
  call: CallContext,
  eventId: EventId,
  extra: Readonly<Record<string, unknown>> | undefined,
): Promise<void> {
  // As `notPublishable` makes it.
  const missing = (extra?.missing ?? []) as readonly { readonly code: string }[];
  const codes = missing.map(({ code }) => code);
  const returned: Result<boolean> = await untilStored(async () => {
    const before = await deps.events.find(eventId);
    const nowMs = deps.clock.nowMs();
    if (before?.status !== "scheduled" || before.publishAtMs === null || before.publishAtMs > nowMs) return ok(false);
    const after = {
      ...before,
      status: "draft" as const,
      version: before.version + 1,
      updatedAtMs: nowMs,
      publishAtMs: null,
    };
    const note = noteOf(asSystem(call), "publish_missed", nowMs, codes);
    return (await deps.events.save(after, note, [])) === "overtaken" ? "overtaken" : ok(true);
  });
  if (!returned.ok || !returned.value) return;
  deps.log.warn("scheduled event was not ready", { eventId, missing: codes.join(" ") });
  deps.consumer.metrics?.count("event.publish_missed");
}
