import { ascii, letters, u32 } from "../bytes.ts";
import { orientationAlone, orientationIn, upright } from "../orientation.ts";
import { type Step, type Taken, take, type Walk } from "./scrubber.ts";

/** What pictures, also moving ones, and their colours are made of. Texts, times and whatever is private are not among it. */
const kept = new Set([
  ...["IHDR", "PLTE", "IDAT", "IEND", "acTL", "fcTL", "fdAT"],
  ...["tRNS", "cHRM", "gAMA", "iCCP", "sBIT", "sRGB", "cICP", "bKGD", "hIST", "pHYs", "mDCV", "cLLI"],
]);
/** A chunk that may be ignored, is nobody's and holds nothing. */
const nothing = "voId";
const exifBytesMax = 65_536;
/** Chunks are at most so long, and so is what can be asked of the walk. */
const chunkBytesMax = 2 ** 31 - 1;
const malformed = { malformed: "The PNG is damaged." };

/** PNG (W3C PNG specification, third edition): chunks to the last one; what stands behind that is blanked. */
export function* walkPng(): Walk {
  yield { emit: (yield* take(8)).bytes };
  let sides: readonly [number, number] | null = null;
  let hasPixels = false;
  for (;;) {
    const { bytes: head } = yield* take(8);
    const length = u32(head, 0);
    const type = ascii(head, 4, 8);
    if (length > chunkBytesMax || (sides === null) !== (type === "IHDR")) return malformed;
    if (type === "eXIf" && length <= exifBytesMax) {
      const { bytes: exif } = yield* take(length);
      yield* take(4);
      const orientation = orientationIn(exif);
      const alone = orientationAlone(orientation);
      const content = new Uint8Array(length);
      const says = orientation !== upright && alone.length <= length;
      if (says) content.set(alone);
      yield { emit: chunkOf(says ? type : nothing, content) };
    } else if (!kept.has(type)) {
      yield* blankChunk(head, length);
    } else if (type === "IHDR") {
      if (length !== 13) return malformed;
      const { bytes: header } = yield* take(17);
      yield { emit: head };
      yield { emit: header };
      sides = [u32(header, 0), u32(header, 4)];
    } else {
      hasPixels ||= type === "IDAT" && length > 0;
      if (type === "IEND" && (length !== 0 || !hasPixels)) return malformed;
      yield { emit: head };
      yield { pass: length + 4 };
      if (type === "IEND" && sides !== null) {
        yield { blank: Number.POSITIVE_INFINITY };
        return { width: sides[0], height: sides[1] };
      }
    }
  }
}

function* blankChunk(head: Uint8Array, length: number): Generator<Step, void, Taken | null> {
  yield { emit: Uint8Array.of(...head.subarray(0, 4), ...letters(nothing)) };
  yield { blank: length };
  yield* take(4);
  yield { emit: checksum(crcOf(Uint8Array.from(letters(nothing)), length)) };
}

function chunkOf(type: string, content: Uint8Array): Uint8Array {
  const chunk = new Uint8Array(content.length + 12);
  new DataView(chunk.buffer).setUint32(0, content.length);
  chunk.set(letters(type), 4);
  chunk.set(content, 8);
  chunk.set(checksum(crcOf(chunk.subarray(4, -4), 0)), content.length + 8);
  return chunk;
}

function checksum(crc: number): Uint8Array {
  return Uint8Array.of(crc >>> 24, crc >>> 16, crc >>> 8, crc);
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = (crc & 1) === 1 ? (crc >>> 1) ^ 0xed_b8_83_20 : crc >>> 1;
  return crc;
});

/** CRC of bytes and so many zeros behind them (PNG specification, annex D). */
function crcOf(bytes: Uint8Array, zeros: number): number {
  let crc = 0xff_ff_ff_ff;
  for (const byte of bytes) crc = (table[(crc ^ byte) & 255] ?? 0) ^ (crc >>> 8);
  for (let left = zeros; left > 0; left -= 1) crc = (table[crc & 255] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
