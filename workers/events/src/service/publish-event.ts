import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { toFacts } from "../domain/facts.ts";
import { moveFrom } from "../domain/lifecycle.ts";
import { newsOfChange } from "../domain/news.ts";
import { missingForPublishing } from "../domain/publishing.ts";
import { asSystem, openEvent } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";

/**
 * Makes an event public and opens its sale: the box office first, so that no page is public whose tickets cannot be had.
 * Fails with `events.invalid_transition`, or with `events.not_publishable` and all that is missing.
 */
export async function publishEvent(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId },
): Promise<Result<EventWithText>> {
  const { eventId } = input;
  let openedVersion: number | null = null;
  const result = await untilStored(async () => {
    const opened = await openEvent(deps, call, eventId, "events.publish");
    if (!opened.ok) return opened;
    const before = opened.value;
    const status = moveFrom(before.status, "publish");
    if (!status.ok) return status;
    const readiness = await deps.bookings.getSaleReadiness(asSystem(call), { eventId });
    if (!readiness.ok) return readiness;

    const nowMs = deps.clock.nowMs();
    const missing = missingForPublishing(before, readiness.value.missing, nowMs);
    if (missing.length > 0)
      return fail("events.not_publishable", "The event lacks what publishing asks for; see missing.", {
        extra: { missing: missing.map(({ code, path }) => ({ code, path })) },
      });
    const after: EventWithText = {
      ...before,
      status: status.value,
      version: before.version + 1,
      updatedAtMs: nowMs,
      publishedAtMs: before.publishedAtMs ?? nowMs,
    };

    const sale = await deps.bookings.openSale(asSystem(call), { event: toFacts(after) });
    if (!sale.ok) return sale;
    openedVersion = after.version;
    const news = wrapNews(newsOfChange(before, after), call, nowMs);
    if ((await deps.events.save(after, noteOf(call, "publish", nowMs), news)) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok(after);
  });
  if (!result.ok && openedVersion !== null) await closeUnlessPublished(deps, call, eventId, openedVersion);
  return result;
}

/**
 * An opened sale whose publication was not stored is closed again, unless another request has published meanwhile. It knows
 * the version that it was opened with, and heeds none that is older.
 */
export async function closeUnlessPublished(
  deps: Deps,
  call: CallContext,
  eventId: EventId,
  version: number,
): Promise<void> {
  const event = await deps.events.find(eventId);
  if (event?.status === "published") return;
  await deps.bookings.closeSale(asSystem(call), {
    eventId,
    version: Math.max(version, event?.version ?? 0),
  });
}
