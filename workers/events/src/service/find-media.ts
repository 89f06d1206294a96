import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { MediaSignature } from "../clients/media-addresses.ts";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { areMediaOpen, type Media } from "../domain/media.ts";
import { getEvent } from "./get-event.ts";

/** Media for delivery, and why the caller may have them: everybody may, the address is signed, or they are a member. */
export interface FoundMedia {
  readonly media: Media;
  readonly access: "open" | "signed" | "member";
}

/** One image, video or document. Where not everybody may see it, it exists for signed addresses and for members of its organization only. */
export async function findMedia(
  deps: Pick<Deps, "media" | "users" | "mediaAddresses">,
  call: CallContext,
  input: { readonly mediaId: Id<"media">; readonly signature: MediaSignature | null },
): Promise<Result<FoundMedia>> {
  const absent = fail("events.media_not_found", "No such image, video or document.");
  const media = await deps.media.find(input.mediaId);
  if (media === null) return absent;
  if (areMediaOpen(media)) return ok({ media, access: "open" });
  if (input.signature !== null && deps.mediaAddresses.isSigned(media, media.id, input.signature))
    return ok({ media, access: "signed" });
  if (call.actor.kind === "anonymous") return absent;
  const { organizationId } = media;
  const membership = await deps.users.authorize(call, { organizationId, permission: "events.read" });
  if (membership.ok) return ok({ media, access: "member" });
  return membership.error.code === "platform.unavailable" ? membership : absent;
}

/** All media of an event that the caller may read, in their order. */
export async function listMedia(
  deps: Pick<Deps, "media" | "users" | "events">,
  call: CallContext,
  input: { readonly eventId: EventId },
): Promise<Result<{ readonly media: readonly Media[]; readonly event: EventWithText }>> {
  const read = await getEvent(deps, call, { idOrSlug: input.eventId });
  if (!read.ok) return read;
  const { event } = read.value;
  return ok({ media: await deps.media.listOfEvent(event.id), event });
}
