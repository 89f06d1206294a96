import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { MediaSignature } from "../clients/media-addresses.ts";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { areMediaOpen, type Media } from "../domain/media.ts";
import { getEvent, readingOf, type Shown } from "./get-event.ts";

/** Media for delivery, and why the caller may have them: everybody may, the address is signed, or they may read the event. */
export interface FoundMedia {
  readonly media: Media;
  readonly access: "open" | "signed" | "reader";
}

/**
 * One image, video or document. Where not everybody may see it, it exists for signed addresses and for whoever may read its event; others do not learn
 * that there is one.
 */
export async function findMedia(
  deps: Pick<Deps, "media" | "users" | "mediaAddresses" | "eventSecrets" | "clock">,
  call: CallContext,
  input: { readonly mediaId: Id<"media">; readonly signature: MediaSignature | null } & Shown,
): Promise<Result<FoundMedia>> {
  const absent = fail("events.media_not_found", "No such image, video or document.");
  const media = await deps.media.find(input.mediaId);
  if (media === null) return absent;
  // What anyone may have is given without asking who it is that asks: images are what a page has most of.
  if (areMediaOpen(media)) return ok({ media, access: "open" });
  if (input.signature !== null && deps.mediaAddresses.isSigned(media, media.id, input.signature))
    return ok({ media, access: "signed" });
  const reading = await readingOf(deps, call, { ...media, id: media.eventId }, input);
  if (reading.ok) return ok({ media, access: "reader" });
  return reading.error.code === "platform.unavailable" ? reading : absent;
}

/** All media of an event that the caller may read, in their order; `open` where anyone may. */
export async function listMedia(
  deps: Pick<Deps, "media" | "users" | "events" | "findOrganization" | "eventSecrets" | "clock">,
  call: CallContext,
  input: { readonly eventId: EventId } & Shown,
): Promise<Result<{ readonly media: readonly Media[]; readonly event: EventWithText; readonly open: boolean }>> {
  const read = await getEvent(deps, call, { idOrSlug: input.eventId, grant: input.grant });
  if (!read.ok) return read;
  const { event } = read.value;
  return ok({ media: await deps.media.listOfEvent(event.id), event, open: areMediaOpen(event) });
}
