import { assert } from "@foyer/kernel/assert";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { EventWithText } from "../../domain/event.ts";
import { toFacts } from "../../domain/facts.ts";
import { occurrenceOf, occurrenceSlugs, type SeriesDate } from "../../domain/series.ts";
import { copyMedia } from "../copy-media.ts";
import { renewLocation } from "../resolve-location.ts";
import { presentTags } from "../settle-tags.ts";
import { type Round, roundNote } from "./round.ts";

/**
 * Makes the event of a date: its box office first, with the ticket types of the pattern, then the draft with the pattern's media and the date's mark in one batch. The id
 * was chosen with the date, so a second attempt finds what the first one left. Fails with `platform.unavailable`, with nothing visible.
 */
export async function makeOccurrence(deps: Deps, round: Round, date: SeriesDate): Promise<Result<null>> {
  const { series, source, call, category } = round;
  const nowMs = deps.clock.nowMs();
  const candidates = occurrenceSlugs(series, date);
  const { location, tags, cover: shared } = series.template;
  const copied =
    source === null
      ? null
      : await copyMedia(deps, { eventId: source.id, coverId: source.cover?.mediaId ?? null }, date.eventId);
  const own = {
    organizationName: source?.organizationName ?? series.template.organizationName,
    categoryId: category?.id ?? null,
    categoryName: category?.name ?? null,
    location: await renewLocation(deps, location),
    tags: await presentTags(deps, tags),
    cover: copied === null ? shared : copied.cover,
  };
  for (let attempt = 0; attempt < limits.versionAttemptsMax; attempt += 1) {
    const slug = await deps.seriesWork.freeSlug(series.organizationId, candidates);
    const event: EventWithText = { ...occurrenceOf(series, date, { slug, nowMs }), ...own };
    const to = toFacts(event);
    const prepared =
      source === null
        ? await deps.bookings.prepareSale(call, { event: to })
        : await deps.bookings.copySale(call, { fromEventId: source.id, to });
    if (!prepared.ok) return prepared;
    const note = roundNote(round, "create", nowMs);
    const media = deps.media.addCopies(copied?.media ?? []);
    const stored = await deps.seriesWork.insertOccurrence(series, event, note, media);
    if (stored !== "slug_taken") return ok(null);
  }
  assert(false, "a slug made from a fresh id is free");
}
