import { limits } from "@foyer/kernel/limits";
import { ascii } from "./bytes.ts";
import { type ImageType, inspectImage, isPolyglot } from "./image.ts";
import { walkAvif } from "./scrub/avif.ts";
import { walkGif } from "./scrub/gif.ts";
import { walkJpeg } from "./scrub/jpeg.ts";
import { isMp4, walkMp4 } from "./scrub/mp4.ts";
import { scrubPdf } from "./scrub/pdf.ts";
import { walkPng } from "./scrub/png.ts";
import { type Scrubber, scrubberOf } from "./scrub/scrubber.ts";
import { walkWebp } from "./scrub/webp.ts";

/** What an event may show, by content. */
export type MediaType = ImageType | "video/mp4" | "application/pdf";

/** What a file of each type may be large, in bytes, and how it is walked. */
const formats: Readonly<Record<MediaType, { readonly bytesMax: number; readonly open: () => Scrubber }>> = {
  "image/jpeg": { bytesMax: limits.imageBytesMax, open: () => scrubberOf(walkJpeg()) },
  "image/png": { bytesMax: limits.imageBytesMax, open: () => scrubberOf(walkPng()) },
  "image/webp": { bytesMax: limits.imageBytesMax, open: () => scrubberOf(walkWebp()) },
  "image/gif": { bytesMax: limits.imageBytesMax, open: () => scrubberOf(walkGif()) },
  "image/avif": { bytesMax: limits.imageBytesMax, open: () => scrubberOf(walkAvif()) },
  "video/mp4": { bytesMax: limits.videoBytesMax, open: () => scrubberOf(walkMp4()) },
  "application/pdf": { bytesMax: limits.documentBytesMax, open: scrubPdf },
};

/** The most bytes that a file of this type may have. */
export function bytesMaxOf(type: MediaType): number {
  return formats[type].bytesMax;
}

/** A walk over a file of this type that blanks what is nobody's business. */
export function openScrubber(type: MediaType): Scrubber {
  return formats[type].open();
}

/** What a file is, or why it is not taken. Its sides are known when all of it has passed. */
export type Recognized =
  | { readonly ok: true; readonly contentType: MediaType }
  | { readonly ok: false; readonly reason: string };

/**
 * Decides by content what an upload is; neither its name nor its declared type is asked. `head` is the whole file, or its first
 * {@link limits.imageHeaderBytesMax} bytes. A picture's sides are held to their limits here, before anything is decoded.
 */
export function recognizeMedia(head: Uint8Array): Recognized {
  if (ascii(head, 0, 5) === "%PDF-") return { ok: true, contentType: "application/pdf" };
  if (isMp4(head)) {
    if (isPolyglot(head)) return { ok: false, reason: "The file is a video and something else at once." };
    return { ok: true, contentType: "video/mp4" };
  }
  const image = inspectImage(head);
  if (image.ok) return { ok: true, contentType: image.image.contentType };
  return {
    ok: false,
    reason: image.reason.replace(/^Send a .*$/, "Send a JPEG, PNG, WebP, GIF or AVIF image, an MP4 or a PDF."),
  };
}
