/**
 * Pictures without what cameras, phones and programs write beside them: where and when a photo was taken, with what and by whom, comments,
 * small copies of it from before it was cut, and whatever stands behind its end. What is needed to show it stays: its colours, and which way is up.
 */

import { ascii, letters, u16, u32, u32le } from "./bytes.ts";
import { orientationAlone, orientationIn, upright } from "./orientation.ts";

/** Formats that can be taken apart. */
export type BareableType = "image/jpeg" | "image/png" | "image/webp";

/** A whole file without its metadata, as a still picture; null where it is not built as its format says, or ends too soon. */
export function withoutMetadata(file: Uint8Array, contentType: BareableType): Uint8Array<ArrayBuffer> | null {
  switch (contentType) {
    case "image/jpeg":
      return bareJpeg(file);
    case "image/png":
      return barePng(file);
    case "image/webp":
      return bareWebp(file);
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.byteLength;
  }
  return all;
}

// --- JPEG (ITU T.81 annex B)

const endOfImage = 0xd9;
const startOfScan = 0xda;
const commentSegment = 0xfe;

/** JPEG: the segments that pictures are made of, with scans between them, to the end of the image. */
function bareJpeg(file: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const kept: Uint8Array[] = [];
  let orientation = upright;
  let frames = 0;
  let scans = 0;
  let at = 2;
  while (at + 2 <= file.length && file[at] === 0xff) {
    const marker = file[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1; // fill byte before a marker
      continue;
    }
    if (marker === endOfImage) {
      if (scans === 0) return null;
      return concat([file.subarray(0, 2), ...orientationSegment(orientation), ...kept, file.subarray(at, at + 2)]);
    }
    const end = at + 2 + u16(file, at + 2);
    if (!isSegment(marker) || end < at + 4 || end > file.length) return null;
    if (isFrame(marker)) frames += 1;
    if (frames > 1) return null; // what is shown could be another size than the one that was looked at
    const segment = file.subarray(at, end);
    if (isExif(marker, segment)) orientation = orientationIn(segment.subarray(10));
    kept.push(...keptOf(marker, segment));
    at = end;
    if (marker !== startOfScan) continue;
    at = endOfScan(file, end);
    kept.push(file.subarray(end, at));
    scans += 1;
  }
  return null;
}

function isSegment(marker: number): boolean {
  return (marker >= 0xc0 && marker < 0xd0) || (marker >= startOfScan && marker <= 0xef) || marker === commentSegment;
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** What is left of a segment: colour profiles, and what decoders need; of JFIF's all but its thumbnail. */
function keptOf(marker: number, segment: Uint8Array): Uint8Array[] {
  if (marker < 0xe0) return [segment];
  if (marker === 0xe0 && segment.length >= jfifBytes && ascii(segment, 4, 9) === "JFIF\0") {
    return [Uint8Array.of(0xff, 0xe0, 0, jfifBytes - 2, ...segment.subarray(4, jfifBytes - 2), 0, 0)];
  }
  if (marker === 0xe2 && ascii(segment, 4, 16) === "ICC_PROFILE\0") return [segment];
  if (marker === 0xee && ascii(segment, 4, 9) === "Adobe") return [segment];
  return [];
}

/** A JFIF segment without a thumbnail: marker, length, and all up to the thumbnail's two sides, which are zero. */
const jfifBytes = 18;

/** Where the next marker stands that ends a scan's data, or the file's end. */
function endOfScan(file: Uint8Array, start: number): number {
  for (let at = file.indexOf(0xff, start); at !== -1; at = file.indexOf(0xff, at + 1)) {
    const next = file[at + 1] ?? 0;
    const isData = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7);
    if (!isData) return at;
  }
  return file.length;
}

function isExif(marker: number, segment: Uint8Array): boolean {
  return marker === 0xe1 && ascii(segment, 4, 10) === "Exif\0\0";
}

/** The orientation as a JPEG says it; nothing where it goes without saying. */
function orientationSegment(orientation: number): Uint8Array[] {
  if (orientation === upright) return [];
  const content = [...letters("Exif\0\0"), ...orientationAlone(orientation)];
  return [Uint8Array.of(0xff, 0xe1, 0, content.length + 2, ...content)];
}

// --- PNG (W3C PNG specification, third edition)

/** What a still picture and its colours are made of. Texts, times, EXIF, animation and whatever is private are not among it. */
const pngChunks = new Set([
  ...["IHDR", "PLTE", "IDAT", "IEND"],
  ...["tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "bKGD", "hIST", "pHYs"],
]);

function barePng(file: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const kept = [file.subarray(0, 8)];
  let orientation = upright;
  let hasPixels = false;
  for (let at = 8; at + 12 <= file.length; ) {
    const end = at + 12 + u32(file, at);
    if (end > file.length) return null;
    const type = ascii(file, at + 4, at + 8);
    if (type === "IHDR" && kept.length > 1) return null; // a second header could say another size
    if (type === "eXIf") orientation = orientationIn(file.subarray(at + 8, end - 4));
    if (pngChunks.has(type)) kept.push(file.subarray(at, end));
    hasPixels ||= type === "IDAT";
    if (type === "IEND") {
      const [signature, header, ...rest] = kept;
      if (!hasPixels || signature === undefined || header === undefined) return null;
      return concat([signature, header, ...orientationChunk(orientation), ...rest]);
    }
    at = end;
  }
  return null;
}

/** The orientation as a PNG says it; nothing where it goes without saying. */
function orientationChunk(orientation: number): Uint8Array[] {
  if (orientation === upright) return [];
  const content = orientationAlone(orientation);
  const chunk = Uint8Array.of(0, 0, 0, content.length, ...letters("eXIf"), ...content, 0, 0, 0, 0);
  new DataView(chunk.buffer).setUint32(chunk.length - 4, crc32(chunk.subarray(4, -4)));
  return [chunk];
}

/** CRC of a chunk's type and content (PNG specification, annex D), bit by bit: it is asked of forty bytes. */
function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xed_b8_83_20 : crc >>> 1;
  }
  return ~crc >>> 0;
}

// --- WebP (RFC 9649)

const webpChunks = new Set(["VP8X", "ICCP", "ALPH", "VP8 ", "VP8L"]);
/** Flags of an extended file that announce EXIF, XMP and animation. */
const announced = 0x08 | 0x04 | 0x02;

function bareWebp(file: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const fileEnd = 8 + u32le(file, 4);
  if (fileEnd < 12 || fileEnd > file.length) return null;
  const kept: Uint8Array[] = [];
  let pictures = 0;
  for (let at = 12; at + 8 <= fileEnd; ) {
    const bytes = u32le(file, at + 4);
    const end = at + 8 + bytes + (bytes % 2);
    if (bytes < 0 || end > fileEnd) return null;
    const type = ascii(file, at, at + 4);
    const chunk = file.slice(at, end);
    if (type === "VP8X") chunk[8] = (chunk[8] ?? 0) & ~announced;
    if (type === "VP8 " || type === "VP8L") pictures += 1;
    if (webpChunks.has(type)) kept.push(chunk);
    at = end;
  }
  if (pictures !== 1) return null;
  const bare = concat([file.subarray(0, 12), ...kept]);
  new DataView(bare.buffer).setUint32(4, bare.length - 8, true);
  return bare;
}
