import type { DuplicateEvent } from "@foyer/contracts/events/lifecycle";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { type EventId, newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { slugify } from "@foyer/kernel/slugs";
import type { Deps } from "../deps.ts";
import { copyOf, timesOfCopy } from "../domain/copy.ts";
import type { EventWithText } from "../domain/event.ts";
import { slugCandidates, toFacts } from "../domain/facts.ts";
import { asSystem, openEvent } from "./access.ts";
import { noteOf } from "./change.ts";
import { copyMedia } from "./copy-media.ts";

/**
 * Makes a draft of what an event says of itself, whatever became of that event, with its images, stocks and ticket types; nothing that was sold comes
 * along. The box office is copied first, so that a draft never stands without it; one whose draft is never stored is never reached. Fails with
 * `events.not_found`, `request.invalid`, or `platform.unavailable` with no draft made.
 */
export async function duplicateEvent(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly change: DuplicateEvent },
): Promise<Result<EventWithText>> {
  const { change } = input;
  const opened = await openEvent(deps, call, input.eventId, "events.write");
  if (!opened.ok) return opened;
  const original = opened.value;
  const times = timesOfCopy(original, change);
  if (!times.ok) return fail("request.invalid", "Some fields are not valid; see errors.", { errors: times.errors });

  const nowMs = deps.clock.nowMs();
  const id = newId("event", nowMs);
  const title = change.title ?? original.title;
  const [plainSlug, ownSlug] = slugCandidates(slugify(title), id);
  const isTaken = await deps.events.isSlugTaken(original.organizationId, plainSlug);
  const slug = isTaken ? ownSlug : plainSlug;
  const bare = copyOf(original, { id, slug, title, times: times.value, nowMs });

  const sale = await deps.bookings.copySale(asSystem(call), { fromEventId: original.id, to: toFacts(bare) });
  if (!sale.ok) return sale;
  const coverId = original.cover?.mediaId ?? null;
  const none = ok({ images: [], cover: null });
  const media = (change.copyMedia ?? true) ? await copyMedia(deps, { eventId: original.id, coverId }, id) : none;
  if (!media.ok) return media;

  const draft = { ...bare, cover: media.value.cover };
  const images = deps.media.addCopies(media.value.images);
  const note = noteOf(call, "duplicate", nowMs, [original.id]);
  // Another event may take the slug after it was looked up. The id's own slug cannot be taken.
  for (const free of new Set([draft.slug, ownSlug])) {
    const stored = await deps.events.insert({ ...draft, slug: free }, note, images);
    if (stored !== "taken") return ok({ ...draft, slug: free, ...stored });
  }
  throw new Error("a slug made from a fresh id is free");
}
