import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { isPubliclyReadable } from "../domain/event.ts";
import type { Media } from "../domain/media.ts";
import { getEvent } from "./get-event.ts";

/** An image for delivery, and whether anyone may keep a copy of it. */
export interface FoundMedia {
  readonly media: Media;
  readonly open: boolean;
}

/** One image. Those of an event that is not public exist for members of its organization only. */
export async function findMedia(
  deps: Deps,
  call: CallContext,
  input: { readonly mediaId: Id<"media"> },
): Promise<Result<FoundMedia>> {
  const absent = fail("events.media_not_found", "No such image.");
  const media = await deps.media.find(input.mediaId);
  if (media === null) return absent;
  if (isPubliclyReadable(media)) return ok({ media, open: true });
  if (call.actor.kind === "anonymous") return absent;
  const { organizationId } = media;
  const membership = await deps.users.authorize(call, { organizationId, permission: "events.read" });
  if (membership.ok) return ok({ media, open: false });
  return membership.error.code === "platform.unavailable" ? membership : absent;
}

/** All images of an event that the caller may read, oldest first, with the cover's id. */
export async function listMedia(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId },
): Promise<Result<{ readonly media: readonly Media[]; readonly coverId: string | null; readonly member: boolean }>> {
  const read = await getEvent(deps, call, { idOrSlug: input.eventId });
  if (!read.ok) return read;
  const { event, member } = read.value;
  return ok({ media: await deps.media.listOfEvent(event.id), coverId: event.cover?.mediaId ?? null, member });
}
