import type { ErrorCatalog } from "../shared/errors.ts";

/** Codes of pictures, films and documents. */
export const mediaErrors = {
  "events.media_not_found": { kind: "not_found", title: "No such image, video or document" },
  "events.upload_not_found": { kind: "not_found", title: "No such upload" },
  "events.too_many_media": { kind: "conflict", title: "The event has as many media as it can have" },
  "events.too_many_uploads": {
    kind: "conflict",
    title: "The organization has as many uploads under way as it can have",
  },
  "events.media_quota_exceeded": {
    kind: "conflict",
    title: "The organization's media would take up more than they may",
  },
  "events.media_not_cover": { kind: "conflict", title: "Only an image can be a cover" },
  "events.media_order_mismatch": { kind: "conflict", title: "The order does not name each of the event's media once" },
  "events.unsupported_media": { kind: "unsupported_media", title: "Not a file of a supported type" },
  "events.media_too_large": { kind: "too_large", title: "The file is too large" },
  "events.upload_incomplete": { kind: "malformed", title: "The upload did not arrive whole" },
  "events.upload_checksum_mismatch": { kind: "malformed", title: "The bytes are not those of the checksum" },
  "events.upload_parts_missing": { kind: "conflict", title: "Parts of the upload have not arrived" },
  "events.upload_over": { kind: "gone", title: "The upload was completed, given up or has expired" },
  "events.range_not_satisfiable": { kind: "range_not_satisfiable", title: "The range lies outside the file" },
} as const satisfies ErrorCatalog;
