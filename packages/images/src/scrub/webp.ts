import { ascii, letters, u16le, u24le, u32le } from "../bytes.ts";
import { take, type Walk } from "./scrubber.ts";

const kept = new Set(["ICCP", "ALPH", "ANIM", "ANMF"]);
/** Flags of an extended file: EXIF and XMP are announced, it is a film. */
const announced = 0x08 | 0x04;
const moving = 0x02;
const malformed = { malformed: "The WebP is damaged." };

/** WebP (RFC 9649): chunks to the end that the file names; what stands behind that is blanked. */
export function* walkWebp(): Walk {
  const { bytes: head } = yield* take(12);
  yield { emit: head };
  const fileEnd = 8 + u32le(head, 4);
  let canvas: readonly [number, number] | null = null;
  let isFilm = false;
  let pictures = 0;
  for (let at = 12; at < fileEnd; ) {
    const { bytes: chunk } = yield* take(8);
    const type = ascii(chunk, 0, 4);
    const length = u32le(chunk, 4) + (u32le(chunk, 4) % 2);
    at += 8 + length;
    if (at > fileEnd) return malformed;
    if (type === "VP8X") {
      if (length < 10 || canvas !== null || pictures > 0) return malformed;
      const { bytes: extended } = yield* take(10);
      isFilm = ((extended[0] ?? 0) & moving) !== 0;
      canvas = [u24le(extended, 4) + 1, u24le(extended, 7) + 1];
      yield { emit: chunk };
      yield { emit: Uint8Array.of((extended[0] ?? 0) & ~announced, ...extended.subarray(1)) };
      yield { blank: length - 10 };
    } else if (type === "VP8 " || type === "VP8L") {
      if (length < 10) return malformed;
      const { bytes: picture } = yield* take(10);
      const sides = type === "VP8 " ? lossySides(picture) : losslessSides(picture);
      if (sides === null || isFilm || canvas?.some((side, index) => side !== sides[index])) return malformed; // what is shown would be another size than the one that was looked at
      canvas = sides;
      pictures += 1;
      yield { emit: chunk };
      yield { emit: picture };
      yield { pass: length - 10 };
    } else {
      const stays = kept.has(type);
      if (type === "ANMF") pictures += 1;
      yield { emit: stays ? chunk : Uint8Array.of(...letters("JUNK"), ...chunk.subarray(4)) };
      yield stays ? { pass: length } : { blank: length };
    }
  }
  if (canvas === null || pictures === 0 || (!isFilm && pictures > 1)) return malformed;
  yield { blank: Number.POSITIVE_INFINITY };
  return { width: canvas[0], height: canvas[1] };
}

function lossySides(picture: Uint8Array): readonly [number, number] | null {
  if (picture[3] !== 0x9d || picture[4] !== 0x01 || picture[5] !== 0x2a) return null;
  return [u16le(picture, 6) & 0x3fff, u16le(picture, 8) & 0x3fff];
}

function losslessSides(picture: Uint8Array): readonly [number, number] | null {
  if (picture[0] !== 0x2f) return null;
  const packed = u32le(picture, 1);
  return [(packed % 16_384) + 1, (Math.floor(packed / 16_384) % 16_384) + 1];
}
