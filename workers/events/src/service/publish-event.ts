import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { toFacts } from "../domain/facts.ts";
import { type Move, moveFrom } from "../domain/lifecycle.ts";
import { holderNews, type News, newsOfChange } from "../domain/news.ts";
import { isSold, revisionMarks } from "../domain/plan-changes.ts";
import { type Missing, missingForPublishing } from "../domain/publishing.ts";
import { asSystem, openToMove } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";

/**
 * Makes an event public and opens its sale: the box office first, so that no page is public whose tickets cannot be had. By hand, or by the
 * clock when a scheduled event is due. Holders of tickets of a postponed event are told its date. Fails with `events.invalid_transition`, or with
 * `events.not_publishable` and all that is missing.
 */
export async function publishEvent(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly move: Extract<Move, "publish" | "publish_due"> },
): Promise<Result<EventWithText>> {
  const { eventId, move } = input;
  let openedVersion: number | null = null;
  const result = await untilStored(async () => {
    const opened = await openToMove(deps, call, eventId);
    if (!opened.ok) return opened;
    const before = opened.value;
    const status = moveFrom(before.status, move, call.actor.kind);
    if (!status.ok) return status;
    if (move === "publish_due" && (before.publishAtMs ?? Number.POSITIVE_INFINITY) > deps.clock.nowMs())
      return fail("events.invalid_transition", "The event is not due yet."); // put off since it was found to be due

    const [readiness, isClosed] = await Promise.all([
      deps.bookings.getSaleReadiness(asSystem(call), { eventId }),
      deps.events.isClosed(before.organizationId),
    ]);
    if (!readiness.ok) return readiness;
    const nowMs = deps.clock.nowMs();
    const missing = missingForPublishing(before, readiness.value.missing, nowMs);
    if (isClosed) missing.push({ code: "events.organization_closed", path: "organizationId" });
    if (missing.length > 0) return notPublishable("The event lacks what publishing asks for; see missing.", missing);

    const published: EventWithText = {
      ...before,
      status: status.value,
      version: before.version + 1,
      updatedAtMs: nowMs,
      publishedAtMs: before.publishedAtMs ?? nowMs,
      publishAtMs: null,
      statusNote: null,
    };
    const after = { ...published, ...revisionMarks(before, published) };
    const notices = await noticesOfReturn(deps, call, before, after);
    if (!notices.ok) return notices;
    const sale = await deps.bookings.openSale(asSystem(call), { event: toFacts(after) });
    if (!sale.ok) return sale;
    openedVersion = after.version;
    const news = wrapNews([...newsOfChange(before, after), ...notices.value], call, nowMs);
    if ((await deps.events.save(after, noteOf(call, move, nowMs), news)) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok(after);
  });
  if (!result.ok && openedVersion !== null) await closeUnlessPublished(deps, call, eventId, openedVersion);
  return result;
}

/** The answer to what would be public without what a public event needs. */
export function notPublishable(detail: string, missing: readonly Missing[]) {
  return fail("events.not_publishable", detail, {
    extra: { missing: missing.map(({ code, path }) => ({ code, path })) },
  });
}

/** Whoever holds a ticket of an event that was postponed learns when it takes place. */
async function noticesOfReturn(
  deps: Deps,
  call: CallContext,
  before: EventWithText,
  after: EventWithText,
): Promise<Result<News[]>> {
  if (before.status !== "postponed") return ok([]);
  const tally = await deps.bookings.getSaleTally(asSystem(call), { eventId: after.id });
  if (!tally.ok) return tally;
  return ok(isSold(tally.value) ? [holderNews("rescheduled", after)] : []);
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
