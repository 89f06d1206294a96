import { ascii, letters, u32, u64 } from "../bytes.ts";

/** A box of the ISO base media file format (ISO 14496-12 section 4.2): where it and its content lie in the bytes that hold it. */
export interface Box {
  readonly type: string;
  readonly start: number;
  readonly content: number;
  readonly end: number;
}

/** Boxes that hold boxes on the way to what is looked for. */
const depthMax = 8;

/** The boxes that fill a stretch; null where they do not fill it to the byte. */
export function boxesIn(bytes: Uint8Array, start: number, end: number): Box[] | null {
  const boxes: Box[] = [];
  for (let at = start; at < end; ) {
    if (at + 8 > end) return null;
    const short = u32(bytes, at);
    const isLong = short === 1;
    if (isLong && at + 16 > end) return null;
    const length = isLong ? u64(bytes, at + 8) : short;
    const content = at + (isLong ? 16 : 8);
    if (at + length < content || at + length > end) return null;
    boxes.push({ type: ascii(bytes, at + 4, at + 8), start: at, content, end: at + length });
    at += length;
  }
  return boxes;
}

/** Makes a box one that everybody skips, and its content zeros. */
export function voidBox(bytes: Uint8Array, box: Box): void {
  bytes.set(letters("free"), box.start + 4);
  bytes.fill(0, box.content, box.end);
}

/** Boxes that hold tracks and their parts. */
const containers = new Set(["trak", "mdia", "minf", "stbl", "dinf", "edts", "mvex", "tref"]);
/** What programs, cameras and people wrote beside the film: positions, names, devices, comments. */
const described = new Set(["udta", "meta", "uuid", "free", "skip", "wide"]);

/** What an index says of a film. */
export interface FilmIndex {
  readonly width: number;
  readonly height: number;
  /** The furthest place in the file that a sample is said to begin at. */
  readonly lastOffset: number;
  /** Stretches of the file that hold timed metadata, such as a camera's positions. */
  readonly metadata: readonly (readonly [number, number])[];
}

/** Tracks that are shown or heard; any other holds what a device noted while it filmed. */
const shown = new Set(["vide", "soun", "text", "sbtl", "subt", "clcp", "pict", "auxv"]);

/**
 * Reads a `moov` box and blanks in place what describes people and places: user data, metadata, private boxes, times of making, and whole
 * tracks of timed metadata. Null where it is not built as ISO 14496-12 says, or shows nothing.
 */
export function scrubIndex(moov: Uint8Array): FilmIndex | null {
  let width = 0;
  let height = 0;
  let lastOffset = 0;
  const metadata: (readonly [number, number])[] = [];
  let hasHeader = false;
  const parts = boxesIn(moov, 8, moov.length);
  if (parts === null) return null;
  for (const box of parts) {
    if (described.has(box.type)) voidBox(moov, box);
    if (box.type === "mvhd") {
      hasHeader = true;
      blankTimes(moov, box);
    }
    if (box.type === "mvex" && !walk(moov, box, 1, () => undefined)) return null;
    if (box.type !== "trak") continue;
    const track = readTrack(moov, box);
    if (track === null) return null;
    if (!shown.has(track.handler)) {
      metadata.push(...track.stretches());
      voidBox(moov, box);
      continue;
    }
    lastOffset = track.offsets.reduce((last, offset) => Math.max(last, offset), lastOffset);
    if (track.handler !== "vide" && track.handler !== "pict") continue;
    width = Math.max(width, track.width);
    height = Math.max(height, track.height);
  }
  return hasHeader && width > 0 && height > 0 ? { width, height, lastOffset, metadata } : null;
}

/** Calls `see` with every box below one, blanking what describes; false where they are damaged. */
function walk(bytes: Uint8Array, parent: Box, depth: number, see: (box: Box) => void): boolean {
  const boxes = depth > depthMax ? null : boxesIn(bytes, parent.content, parent.end);
  if (boxes === null) return false;
  for (const box of boxes) {
    if (described.has(box.type)) voidBox(bytes, box);
    else if (box.type === "tkhd" || box.type === "mdhd") blankTimes(bytes, box);
    see(box);
    if (containers.has(box.type) && box.type !== "tref" && !walk(bytes, box, depth + 1, see)) return false;
  }
  return true;
}

/** When it was made and changed, in `mvhd`, `tkhd` and `mdhd` alike: 32 bits each, or 64 in version 1. */
function blankTimes(bytes: Uint8Array, box: Box): void {
  const length = bytes[box.content] === 1 ? 16 : 8;
  bytes.fill(0, box.content + 4, Math.min(box.end, box.content + 4 + length));
}

function readTrack(moov: Uint8Array, trak: Box) {
  const found = new Map<string, Box>();
  if (!walk(moov, trak, 1, (box) => found.set(box.type, box))) return null;
  const header = found.get("tkhd");
  const handler = found.get("hdlr");
  const media = found.get("mdhd");
  if (header === undefined || handler === undefined || media === undefined) return null;
  if (header.end - header.content < 84 || handler.end - handler.content < 12) return null;
  // 16.16 fixed point, the last two fields whatever the version.
  const [width, height] = [u32(moov, header.end - 8) >>> 16, u32(moov, header.end - 4) >>> 16];
  const offsets = chunkOffsets(moov, found);
  if (offsets === null) return null;
  return {
    handler: ascii(moov, handler.content + 8, handler.content + 12),
    width,
    height,
    offsets,
    stretches: () => chunkStretches(moov, found, offsets),
  };
}

/** Where a track's chunks begin in the file; none in films that come in fragments. */
function chunkOffsets(moov: Uint8Array, found: ReadonlyMap<string, Box>): number[] | null {
  const box = found.get("stco") ?? found.get("co64");
  if (box === undefined) return [];
  const wide = box.type === "co64";
  const count = u32(moov, box.content + 4);
  if (box.content + 8 + count * (wide ? 8 : 4) > box.end) return null;
  return Array.from({ length: count }, (_, index) =>
    wide ? u64(moov, box.content + 8 + index * 8) : u32(moov, box.content + 8 + index * 4),
  );
}

/** A track's chunks as stretches of the file, from its tables of samples (`stsz`, `stsc`). */
function chunkStretches(moov: Uint8Array, found: ReadonlyMap<string, Box>, offsets: readonly number[]) {
  const sizes = found.get("stsz");
  const runs = found.get("stsc");
  if (sizes === undefined || runs === undefined) return [];
  const fixed = u32(moov, sizes.content + 4);
  const samples = u32(moov, sizes.content + 8);
  const runCount = Math.min(u32(moov, runs.content + 4), (runs.end - runs.content - 8) / 12);
  const stretches: (readonly [number, number])[] = [];
  let sample = 0;
  let run = 0;
  for (const [index, offset] of offsets.entries()) {
    while (run + 1 < runCount && u32(moov, runs.content + 8 + (run + 1) * 12) <= index + 1) run += 1;
    const inChunk = Math.min(u32(moov, runs.content + 8 + run * 12 + 4), samples - sample);
    let bytes = 0;
    for (let count = 0; count < inChunk && sample < samples; count += 1, sample += 1) {
      const at = sizes.content + 12 + sample * 4;
      bytes += fixed > 0 ? fixed : at + 4 <= sizes.end ? u32(moov, at) : 0;
      if (fixed === 0 && at + 4 > sizes.end) break;
    }
    if (bytes > 0) stretches.push([offset, offset + bytes]);
  }
  return stretches;
}
