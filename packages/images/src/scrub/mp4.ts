import { limits } from "@foyer/kernel/limits";
import { ascii, letters, u32, u64 } from "../bytes.ts";
import { type FilmIndex, scrubIndex } from "./boxes.ts";
import { take, type Walk } from "./scrubber.ts";

/** Boxes beside the index that a film is made of. */
const kept = new Set(["mdat", "moof", "mfra", "sidx", "styp", "pdin", "ssix", "prft"]);
const brands = /^(?:isom|iso[2-9]|mp4[12]|avc1|av01|hev1|hvc1|M4V[ HP]|dash|msdh|cmf[c2]|f4v |MSNV|XAVC)$/;
/** Boxes of one film; fragmented ones have two for every few seconds. */
const boxesMax = 20_000;
const malformed = { malformed: "The MP4 is damaged." };

/** Whether a head is one of an MP4 that is taken: a file type box with a known brand. QuickTime's own files are not. */
export function isMp4(head: Uint8Array): boolean {
  if (head.length < 16 || ascii(head, 4, 8) !== "ftyp") return false;
  const length = u32(head, 0);
  if (length < 16 || length > 256 || length > head.length || length % 4 !== 0) return false;
  for (let at = 8; at + 4 <= length; at += 4) if (at !== 12 && brands.test(ascii(head, at, at + 4))) return true;
  return false;
}

/**
 * MP4 (ISO 14496-12): boxes to the file's end, one index among them. The index is held whole, at most {@link limits.videoIndexBytesMax}; all else passes.
 * Timed metadata is blanked where the index comes before it; behind it, only the index's word of it is.
 */
export function* walkMp4(): Walk {
  let index: FilmIndex | null = null;
  let hasSamples = false;
  let at = 0;
  for (let count = 0; count < boxesMax; count += 1) {
    const taken = yield { take: 8, orEnd: true };
    if (taken === null) {
      if (index === null || !hasSamples) return { truncated: "The MP4 has no index or no pictures; send it whole." };
      if (index.lastOffset >= at) return { truncated: "The MP4's index names more than there is; send it whole." };
      return { width: index.width, height: index.height };
    }
    const { bytes: head } = taken;
    const type = ascii(head, 4, 8);
    let length = u32(head, 0);
    let content = 8;
    let wide: Uint8Array = new Uint8Array(0);
    if (length === 1) {
      ({ bytes: wide } = yield* take(8));
      length = u64(wide, 0);
      content = 16;
    }
    if (count === 0 ? type !== "ftyp" : type === "ftyp") return malformed;
    if (length === 0) {
      // To the end of the file, however far that is: only samples may do that.
      if (type !== "mdat" || index === null) return malformed;
      yield { emit: head };
      yield { pass: Number.POSITIVE_INFINITY };
      return { width: index.width, height: index.height };
    }
    if (length < content || length > limits.videoBytesMax) return malformed;
    if (type === "moov") {
      if (index !== null || content !== 8) return malformed;
      if (length > limits.videoIndexBytesMax) return { malformed: "The MP4's index is larger than any needs." };
      const { bytes: rest } = yield* take(length - content);
      const moov = new Uint8Array(length);
      moov.set(head);
      moov.set(rest, content);
      index = scrubIndex(moov);
      if (index === null) return { malformed: "The MP4's index is damaged or shows no pictures." };
      if (Math.max(index.width, index.height) > limits.videoSidePixelsMax)
        return { malformed: `A video is at most ${limits.videoSidePixelsMax} pixels a side.` };
      yield { emit: moov };
      yield { blankLater: index.metadata };
    } else {
      const stays = kept.has(type) || type === "ftyp";
      if (type === "mdat" && length > content) hasSamples = true;
      yield { emit: stays ? head : Uint8Array.of(...head.subarray(0, 4), ...letters("free")) };
      if (content === 16) yield { emit: wide };
      yield stays ? { pass: length - content } : { blank: length - content };
    }
    at += length;
  }
  return malformed;
}
