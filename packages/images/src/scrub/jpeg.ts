import { limits } from "@foyer/kernel/limits";
import { ascii, letters, u16 } from "../bytes.ts";
import { orientationAlone, orientationIn, upright } from "../orientation.ts";
import { take, type Walk } from "./scrubber.ts";

const endOfImage = 0xd9;
const startOfScan = 0xda;
const comment = 0xfe;
const frames = [0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf];
const malformed = { malformed: "The JPEG is damaged." };

/** JPEG (ITU T.81 annex B): segments, with scans between them, to the end of the image; what stands behind that is blanked. */
export function* walkJpeg(): Walk {
  yield { emit: (yield* take(2)).bytes };
  let scans = 0;
  let sides: readonly [number, number] | null = null;
  for (;;) {
    const { bytes: first } = yield* take(1);
    if (first[0] !== 0xff) return malformed;
    let marker = 0xff;
    while (marker === 0xff) {
      yield { emit: Uint8Array.of(0xff) }; // fill bytes may stand before a marker
      marker = (yield* take(1)).bytes[0] ?? 0;
    }
    if (marker === endOfImage) {
      yield { emit: Uint8Array.of(marker) };
      if (scans === 0 || sides === null) return malformed;
      yield { blank: Number.POSITIVE_INFINITY };
      return { width: sides[0], height: sides[1] };
    }
    const isSegment =
      (marker >= 0xc0 && marker < 0xd0) || (marker >= startOfScan && marker <= 0xef) || marker === comment;
    if (!isSegment) return malformed;
    const { bytes: length } = yield* take(2);
    if (u16(length, 0) < 2) return malformed;
    const { bytes: content } = yield* take(u16(length, 0) - 2);
    if (frames.includes(marker)) {
      if (sides !== null) return malformed; // what is shown could be another size than the one that was looked at
      sides = [u16(content, 3), u16(content, 1)];
    }
    if (marker === startOfScan) scans += 1;
    if (scans > limits.imageScansMax) return { malformed: "The JPEG has more scans than any needs." };
    const [kept, as] = keptOf(marker, content);
    yield { emit: Uint8Array.of(as, ...length) };
    yield { emit: kept };
    if (marker === startOfScan) yield { passScan: true };
  }
}

/** What is left of a segment, as long as it was, and the marker that it goes under. */
function keptOf(marker: number, content: Uint8Array): readonly [Uint8Array, number] {
  if (marker < 0xe0) return [content, marker];
  if (marker === 0xe0 && content.length >= 14 && ascii(content, 0, 5) === "JFIF\0") {
    const bare = new Uint8Array(content.length); // without its small copy of the picture, whose sides are zero then
    bare.set(content.subarray(0, 12));
    return [bare, marker];
  }
  if (marker === 0xe2 && ascii(content, 0, 12) === "ICC_PROFILE\0") return [content, marker];
  if (marker === 0xee && ascii(content, 0, 5) === "Adobe") return [content, marker];
  const bare = new Uint8Array(content.length);
  if (marker === 0xe1 && ascii(content, 0, 6) === "Exif\0\0") {
    const orientation = orientationIn(content.subarray(6));
    const alone = [...letters("Exif\0\0"), ...orientationAlone(orientation)];
    if (orientation !== upright && alone.length <= bare.length) {
      bare.set(alone);
      return [bare, marker];
    }
  }
  return [bare, comment];
}
