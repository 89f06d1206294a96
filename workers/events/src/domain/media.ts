import type { MediaKind, MediaType } from "@foyer/contracts/events/media";
import type { EventId, Id } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Cover, Event } from "./event.ts";
import { isPubliclyReadable } from "./event.ts";

/** A picture, film or document of an event. */
export interface Media {
  readonly id: Id<"media">;
  readonly eventId: EventId;
  /** Where its bytes are; shared by rows of one organization that show the same. */
  readonly objectKey: string;
  readonly contentType: MediaType;
  readonly sizeBytes: number;
  /** Pixels; null of documents. */
  readonly width: number | null;
  readonly height: number | null;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly alt: string;
  /** Place in the event's order, from 0. */
  readonly position: number;
  readonly createdAtMs: number;
}

/** What a content type is to people. */
export function kindOf(contentType: MediaType): MediaKind {
  if (contentType === "application/pdf") return "document";
  return contentType === "video/mp4" ? "video" : "image";
}

/** The cover that media make; null where they cannot, which films and documents never can. */
export function coverOf(media: Media): Cover | null {
  const { id: mediaId, contentType, width, height, alt } = media;
  if (kindOf(contentType) !== "image" || width === null || height === null) return null;
  return { mediaId, contentType, width, height, alt };
}

/** The first of an event's media, in their order, that can be its cover. */
export function nextCover(media: readonly Media[], without: Id<"media">): Cover | null {
  for (const each of media) {
    const cover = each.id === without ? null : coverOf(each);
    if (cover !== null) return cover;
  }
  return null;
}

/** What decides whether everybody may see an event's media. */
export type Gate = Pick<Event, "status" | "publishedAtMs" | "visibility">;

/**
 * Whether everybody who has their address may see an event's media, and keep a copy: its page is everybody's. Those of drafts and of gated events
 * are for members, and for who was given a signed address with the event's page.
 */
export function areMediaOpen(event: Gate): boolean {
  return isPubliclyReadable(event) && (event.visibility === "public" || event.visibility === "unlisted");
}

/**
 * A slot that none of an event's media holds, or null where all are taken. Which of the free ones is decided by the new
 * one's id, so that those uploaded side by side rarely want the same.
 */
export function freeSlot(taken: readonly number[], slotsMax: number, mediaId: string): number | null {
  const held = new Set(taken);
  const free = Array.from({ length: slotsMax }, (_, slot) => slot).filter((slot) => !held.has(slot));
  const seed = mediaId.charCodeAt(mediaId.length - 1) + 31 * mediaId.charCodeAt(mediaId.length - 2);
  return free[seed % free.length] ?? null;
}

/** Whether a list names each of an event's media once. */
export function isOrderOf(media: readonly Pick<Media, "id">[], ids: readonly string[]): boolean {
  const named = new Set(ids);
  return named.size === ids.length && ids.length === media.length && media.every(({ id }) => named.has(id));
}

/** How many parts a file comes in. */
export function partsCountOf(sizeBytes: number): number {
  return Math.ceil(sizeBytes / limits.uploadPartBytes);
}

/** How long a part of a file must be, in bytes; null where the file has no such part. */
export function partBytesOf(sizeBytes: number, number: number): number | null {
  const count = partsCountOf(sizeBytes);
  if (number < 1 || number > count) return null;
  return number < count ? limits.uploadPartBytes : sizeBytes - (count - 1) * limits.uploadPartBytes;
}
