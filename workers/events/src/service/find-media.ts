import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Media } from "../domain/media.ts";
import { decideReading } from "../domain/reading.ts";
import { getEvent, readingOf, type Shown } from "./get-event.ts";

/** An image for delivery, and whether anyone may keep a copy of it. */
export interface FoundMedia {
  readonly media: Media;
  readonly open: boolean;
}

/** One image. Whoever may not read its event does not learn that there is one. */
export async function findMedia(
  deps: Deps,
  call: CallContext,
  input: { readonly mediaId: Id<"media"> } & Shown,
): Promise<Result<FoundMedia>> {
  const absent = fail("events.media_not_found", "No such image.");
  const media = await deps.media.find(input.mediaId);
  if (media === null) return absent;
  // What anyone may have is given without asking who it is that asks: images are what a page has most of.
  if (decideReading(media, stranger) === "open") return ok({ media, open: true });
  const reading = await readingOf(deps, call, { ...media, id: media.eventId }, input);
  if (reading.ok) return ok({ media, open: false });
  return reading.error.code === "platform.unavailable" ? reading : absent;
}

const stranger = { member: false, grantedVersion: null };

/** All images of an event that the caller may read, oldest first, with the cover's id; `open` where anyone may. */
export async function listMedia(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId } & Shown,
): Promise<Result<{ readonly media: readonly Media[]; readonly coverId: string | null; readonly open: boolean }>> {
  const read = await getEvent(deps, call, { idOrSlug: input.eventId, grant: input.grant });
  if (!read.ok) return read;
  const { event, reading } = read.value;
  const media = await deps.media.listOfEvent(event.id);
  return ok({ media, coverId: event.cover?.mediaId ?? null, open: reading === "open" });
}
