import { limits } from "@foyer/kernel/limits";
import { ascii, u16, u16le, u24le, u32 } from "./bytes.ts";

/** Formats that are known, and what people call them. */
const formatNames = {
  "image/jpeg": "JPEG",
  "image/png": "PNG",
  "image/webp": "WebP",
  "image/gif": "GIF",
  "image/avif": "AVIF",
} as const;
export type ImageType = keyof typeof formatNames;

/** What an image's first bytes say of it. */
export interface ImageFacts<T extends ImageType = ImageType> {
  readonly contentType: T;
  readonly width: number;
  readonly height: number;
}

/** What may be sent somewhere. */
export interface ImageRules<T extends ImageType = ImageType> {
  readonly contentTypes: readonly T[];
  readonly sidePixelsMax: number;
}

/** Whatever is known, up to the platform's limit. */
const anyImage: ImageRules = {
  contentTypes: ["image/jpeg", "image/png", "image/webp", "image/gif", "image/avif"],
  sidePixelsMax: limits.imageSidePixelsMax,
};

interface Reader {
  readonly contentType: ImageType;
  readonly matches: (bytes: Uint8Array) => boolean;
  /** Width and height in pixels; null where the header is damaged, cut off, or longer than what is looked at. */
  readonly size: (bytes: Uint8Array) => readonly [number, number] | null;
}

const bitDepths = [1, 2, 4, 8, 16];
const colorTypes = [0, 2, 3, 4, 6];

/** PNG (RFC 2083): the header chunk comes first and has one length. */
function pngSize(bytes: Uint8Array): readonly [number, number] | null {
  if (bytes.length < 33 || u32(bytes, 8) !== 13 || ascii(bytes, 12, 16) !== "IHDR") return null;
  if (!bitDepths.includes(bytes[24] ?? 0) || !colorTypes.includes(bytes[25] ?? -1)) return null;
  return [u32(bytes, 16), u32(bytes, 20)];
}

/** JPEG (ITU T.81 annex B): marker segments up to the frame header, which holds the size. */
function jpegSize(bytes: Uint8Array): readonly [number, number] | null {
  let at = 2;
  while (at + 9 <= bytes.length) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes[at + 1] ?? 0;
    if (marker === 0xff) {
      at += 1; // fill byte before a marker
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return [u16(bytes, at + 7), u16(bytes, at + 5)];
    const carriesLength = marker >= 0xc0 && (marker < 0xd0 || marker > 0xda);
    const length = u16(bytes, at + 2);
    if (!carriesLength || length < 2) return null;
    at += 2 + length;
  }
  return null;
}

/** GIF (GIF89a specification): a screen descriptor, a colour table, and then a block that begins with one of three bytes. */
function gifSize(bytes: Uint8Array): readonly [number, number] | null {
  if (bytes.length < 14) return null;
  const packed = bytes[10] ?? 0;
  const tableBytes = (packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 7) + 1);
  if (![0x21, 0x2c, 0x3b].includes(bytes[13 + tableBytes] ?? 0)) return null;
  return [u16le(bytes, 6), u16le(bytes, 8)];
}

/** WebP (RFC 9649): lossy, lossless and extended files each keep their size elsewhere. */
function webpSize(bytes: Uint8Array): readonly [number, number] | null {
  if (bytes.length < 30) return null;
  switch (ascii(bytes, 12, 16)) {
    case "VP8 ":
      if (bytes[23] !== 0x9d || bytes[24] !== 0x01 || bytes[25] !== 0x2a) return null;
      return [u16le(bytes, 26) & 0x3fff, u16le(bytes, 28) & 0x3fff];
    case "VP8L": {
      if (bytes[20] !== 0x2f) return null;
      const packed = u24le(bytes, 21) + (bytes[24] ?? 0) * 16_777_216;
      return [(packed % 16_384) + 1, (Math.floor(packed / 16_384) % 16_384) + 1];
    }
    case "VP8X":
      return [u24le(bytes, 24) + 1, u24le(bytes, 27) + 1];
    default:
      return null;
  }
}

function isAvif(bytes: Uint8Array): boolean {
  if (bytes.length < 16 || ascii(bytes, 4, 8) !== "ftyp") return false;
  const length = u32(bytes, 0);
  if (length < 16 || length > 256 || length > bytes.length) return false;
  for (let at = 8; at + 4 <= length; at += 4) {
    if (at !== 12 && ["avif", "avis"].includes(ascii(bytes, at, at + 4))) return true;
  }
  return false;
}

/** Where the top-level `meta` box lies, which must be all there: what is cut off could hold a larger picture. */
function metaBox(bytes: Uint8Array): readonly [number, number] | null {
  let at = 0;
  while (at + 8 <= bytes.length) {
    const length = u32(bytes, at);
    if (length < 8 || at + length > bytes.length) return null;
    if (ascii(bytes, at + 4, at + 8) === "meta") return [at, at + length];
    at += length;
  }
  return null;
}

/** AVIF (ISO 23008-12): the greatest of the image spatial extents, since a file holds its thumbnails' as well. */
function avifSize(bytes: Uint8Array): readonly [number, number] | null {
  const [start, end] = metaBox(bytes) ?? [0, 0];
  let found: readonly [number, number] | null = null;
  for (let at = start; at + 20 <= end; at += 1) {
    // A box: length 20, "ispe", version and flags, width, height.
    if (bytes[at + 4] !== 0x69 || ascii(bytes, at + 4, at + 8) !== "ispe" || u32(bytes, at) !== 20) continue;
    const size = [u32(bytes, at + 12), u32(bytes, at + 16)] as const;
    found = found === null ? size : [Math.max(found[0], size[0]), Math.max(found[1], size[1])];
  }
  return found;
}

const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

const readers: readonly Reader[] = [
  {
    contentType: "image/jpeg",
    matches: (bytes) => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff,
    size: jpegSize,
  },
  {
    contentType: "image/png",
    matches: (bytes) => pngSignature.every((byte, index) => bytes[index] === byte),
    size: pngSize,
  },
  {
    contentType: "image/gif",
    matches: (bytes) => ["GIF87a", "GIF89a"].includes(ascii(bytes, 0, 6)),
    size: gifSize,
  },
  {
    contentType: "image/webp",
    matches: (bytes) => ascii(bytes, 0, 4) === "RIFF" && ascii(bytes, 8, 12) === "WEBP",
    size: webpSize,
  },
  { contentType: "image/avif", matches: isAvif, size: avifSize },
];

/** Markup and programs have no place in an image's head; a file that is both is refused (a polyglot). */
const foreign = /<script[\s>]|<svg[\s>]|<html[\s>]|<!doctype\s|<\?php|<iframe[\s>]/i;
const documentHead = /%pdf-/i;

/** Whether a picture's or film's head holds what makes it a page, a program or a document as well. */
export function isPolyglot(head: Uint8Array): boolean {
  const text = new TextDecoder("latin1").decode(head);
  return foreign.test(text) || documentHead.test(text.slice(0, 1_024));
}

/**
 * Decides by content what an upload is; neither its name nor its declared type is asked. `head` is the whole file, or its
 * first {@link limits.imageHeaderBytesMax} bytes. The text says why a file is refused.
 */
export function inspectImage(head: Uint8Array): Inspected;
export function inspectImage<T extends ImageType>(head: Uint8Array, rules: ImageRules<T>): Inspected<T>;
export function inspectImage(head: Uint8Array, rules: ImageRules = anyImage): Inspected {
  const reader = readers.find(({ contentType, matches }) => rules.contentTypes.includes(contentType) && matches(head));
  if (reader === undefined) return { ok: false, reason: `Send a ${listNames(rules.contentTypes)} image.` };
  if (isPolyglot(head)) return { ok: false, reason: "The file is an image and something else at once." };
  const size = reader.size(head);
  if (size === null || size[0] < 1 || size[1] < 1)
    return { ok: false, reason: "The image's header is damaged, cut off or too long." };
  const [width, height] = size;
  if (width > rules.sidePixelsMax || height > rules.sidePixelsMax)
    return { ok: false, reason: `An image is at most ${rules.sidePixelsMax} pixels a side.` };
  if (width * height > limits.imagePixelsMax)
    return { ok: false, reason: `An image has at most ${limits.imagePixelsMax} pixels.` };
  return { ok: true, image: { contentType: reader.contentType, width, height } };
}

/** An image, or why a file is none that may be sent here. */
export type Inspected<T extends ImageType = ImageType> =
  | { readonly ok: true; readonly image: ImageFacts<T> }
  | { readonly ok: false; readonly reason: string };

/** `JPEG, PNG or WebP`. */
function listNames(types: readonly ImageType[]): string {
  const names = types.map((type) => formatNames[type]);
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}
