import type { MediaView, UploadView } from "@foyer/contracts/events/media";
import { toRfc3339 } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import type { MediaAddresses } from "../clients/media-addresses.ts";
import type { EventWithText } from "../domain/event.ts";
import { kindOf, type Media, partsCountOf } from "../domain/media.ts";
import type { Upload, UploadPart } from "../domain/upload.ts";

/** Media as whoever may read their event sees them. */
export function toMediaView(media: Media, event: EventWithText, mediaAddresses: MediaAddresses): MediaView {
  return {
    id: media.id,
    eventId: media.eventId,
    kind: kindOf(media.contentType),
    url: mediaAddresses.of(event, media.id),
    contentType: media.contentType,
    sizeBytes: media.sizeBytes,
    width: media.width,
    height: media.height,
    sha256: media.sha256,
    alt: media.alt,
    cover: event.cover?.mediaId === media.id,
    createdAt: toRfc3339(media.createdAtMs),
  };
}

/** An upload in parts, as who sends it sees it. */
export function toUploadView(upload: Upload, parts: readonly UploadPart[]): UploadView {
  return {
    id: upload.id,
    eventId: upload.eventId,
    status: upload.status,
    contentType: upload.contentType,
    sizeBytes: upload.sizeBytes,
    partBytes: limits.uploadPartBytes,
    partsCount: partsCountOf(upload.sizeBytes),
    parts: parts.map(({ number, sizeBytes, sha256 }) => ({ number, sizeBytes, sha256 })),
    mediaId: upload.mediaId,
    expiresAt: toRfc3339(upload.expiresAtMs),
  };
}
