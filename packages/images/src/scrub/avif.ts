import { limits } from "@foyer/kernel/limits";
import { ascii, letters, u16, u32 } from "../bytes.ts";
import { boxesIn, type FilmIndex, scrubIndex } from "./boxes.ts";
import { take, type Walk } from "./scrubber.ts";

const malformed = { malformed: "The AVIF is damaged." };
const boxesMax = 1_000;
const itemsMax = 1_000;

/**
 * AVIF (ISO 23008-12 over ISO 14496-12): boxes to the file's end. The items' table is read first, so that EXIF and XMP, which lie among the
 * pixels, are blanked when they pass; their names in the table become ones that nobody knows.
 */
export function* walkAvif(): Walk {
  let sides: readonly [number, number] | null = null;
  let film: FilmIndex | null = null;
  let isFilm = false;
  for (let count = 0; count < boxesMax; count += 1) {
    const taken = yield { take: 8, orEnd: true };
    if (taken === null) {
      const [width, height] = sides ?? [film?.width ?? 0, film?.height ?? 0];
      return width > 0 && height > 0 ? { width, height } : { truncated: "The AVIF has no picture; send it whole." };
    }
    const { bytes: head, at } = taken;
    const type = ascii(head, 4, 8);
    const length = u32(head, 0);
    if (count === 0 ? type !== "ftyp" : type === "ftyp") return malformed;
    if (length < 8 || length > limits.imageBytesMax) return malformed;
    if (type === "meta" || type === "moov") {
      if (length > limits.imageBytesMax / 4) return malformed;
      const { bytes: rest } = yield* take(length - 8);
      const box = new Uint8Array(length);
      box.set(head);
      box.set(rest, 8);
      if (type === "meta") {
        const items: Items | null = sides === null ? scrubItems(box) : null;
        // What has passed already cannot be blanked any more.
        if (items === null || items.metadata.some(([start]) => start < at + length)) return malformed;
        sides = items.sides;
        yield { emit: box };
        yield { blankLater: items.metadata };
      } else {
        film = isFilm ? null : scrubIndex(box);
        isFilm = true;
        if (film === null) return malformed;
        yield { emit: box };
        yield { blankLater: film.metadata };
      }
    } else {
      const stays = type === "ftyp" || type === "mdat" || type === "moof";
      yield { emit: stays ? head : Uint8Array.of(...head.subarray(0, 4), ...letters("free")) };
      yield stays ? { pass: length - 8 } : { blank: length - 8 };
    }
  }
  return malformed;
}

interface Items {
  readonly sides: readonly [number, number];
  readonly metadata: readonly (readonly [number, number])[];
}

/** Reads a `meta` box, blanks the metadata inside it, and says where the rest lies; null where it is damaged. */
function scrubItems(meta: Uint8Array): Items | null {
  const boxes = boxesIn(meta, 12, meta.length);
  if (boxes === null) return null;
  const described = new Set<number>();
  const metadata: (readonly [number, number])[] = [];
  let sides: readonly [number, number] = [0, 0];
  for (const box of boxes.filter(({ type }) => type === "iinf")) {
    const wide = meta[box.content] !== 0;
    const entries = boxesIn(meta, box.content + (wide ? 8 : 6), box.end);
    if (entries === null || entries.length > itemsMax) return null;
    for (const entry of entries) {
      const version = meta[entry.content] ?? 0;
      const id = version === 3 ? u32(meta, entry.content + 4) : u16(meta, entry.content + 4);
      const typeAt = entry.content + (version === 3 ? 10 : 8);
      if (entry.type !== "infe" || version < 2 || typeAt + 4 > entry.end) continue;
      if (!["Exif", "mime", "uri "].includes(ascii(meta, typeAt, typeAt + 4))) continue;
      described.add(id);
      meta.set(letters("void"), typeAt);
    }
  }
  const data = boxes.find(({ type }) => type === "idat");
  for (const box of boxes.filter(({ type }) => type === "iloc")) {
    const extents = readLocations(meta, box.content, box.end);
    if (extents === null) return null;
    for (const { id, inside, start, end } of extents) {
      if (!described.has(id)) continue;
      if (!inside) metadata.push([start, end]);
      else if (data !== undefined) meta.fill(0, data.content + start, Math.min(data.end, data.content + end));
    }
  }
  for (const box of boxes.filter(({ type }) => type === "iprp")) {
    for (const group of boxesIn(meta, box.content, box.end) ?? []) {
      if (group.type !== "ipco") continue;
      for (const property of boxesIn(meta, group.content, group.end) ?? []) {
        if (property.type !== "ispe" || property.end - property.content < 12) continue;
        sides = [
          Math.max(sides[0], u32(meta, property.content + 4)),
          Math.max(sides[1], u32(meta, property.content + 8)),
        ];
      }
    }
  }
  return { sides, metadata };
}

interface Extent {
  readonly id: number;
  /** In the box of data beside the table, not in the file. */
  readonly inside: boolean;
  readonly start: number;
  readonly end: number;
}

/** The table of items' places (`iloc`, ISO 14496-12 section 8.11.3); null where it is cut off. */
function readLocations(bytes: Uint8Array, content: number, end: number): Extent[] | null {
  const version = bytes[content] ?? 0;
  const [offsetBytes, lengthBytes] = [(bytes[content + 4] ?? 0) >> 4, (bytes[content + 4] ?? 0) & 15];
  const [baseBytes, indexBytes] = [(bytes[content + 5] ?? 0) >> 4, version === 0 ? 0 : (bytes[content + 5] ?? 0) & 15];
  let at = content + 6;
  const number = (length: number): number => {
    let value = 0;
    for (let left = length; left > 0; left -= 1, at += 1) value = value * 256 + (bytes[at] ?? 0);
    return value;
  };
  const extents: Extent[] = [];
  const items = number(version < 2 ? 2 : 4);
  if (items > itemsMax) return null;
  for (let item = 0; item < items; item += 1) {
    const id = number(version < 2 ? 2 : 4);
    const inside = version > 0 && (number(2) & 15) === 1;
    number(2);
    const base = number(baseBytes);
    const count = number(2);
    if (count > itemsMax || extents.length > itemsMax) return null;
    for (let extent = 0; extent < count; extent += 1) {
      number(indexBytes);
      const start = base + number(offsetBytes);
      extents.push({ id, inside, start, end: start + number(lengthBytes) });
    }
    if (at > end) return null;
  }
  return extents;
}
