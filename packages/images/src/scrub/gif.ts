import { ascii, u16le } from "../bytes.ts";
import { type Step, type Taken, take, type Walk } from "./scrubber.ts";

const trailer = 0x3b;
const image = 0x2c;
const extension = 0x21;
const control = 0xf9;
const application = 0xff;
const comment = 0xfe;
/** Extensions that say how often a film is repeated; all others are programs' own, XMP among them. */
const repeating = ["NETSCAPE2.0", "ANIMEXTS1.0"];
const malformed = { malformed: "The GIF is damaged." };

/** GIF (GIF89a specification): blocks to the trailer; what stands behind that is blanked. */
export function* walkGif(): Walk {
  const { bytes: head } = yield* take(13);
  yield { emit: head };
  yield { pass: tableBytes(head[10] ?? 0) };
  const sides = [u16le(head, 6), u16le(head, 8)] as const;
  let images = 0;
  for (;;) {
    const { bytes: introducer } = yield* take(1);
    yield { emit: introducer };
    switch (introducer[0]) {
      case trailer:
        if (images === 0) return malformed;
        yield { blank: Number.POSITIVE_INFINITY };
        return { width: sides[0], height: sides[1] };
      case image: {
        const { bytes: frame } = yield* take(9);
        if (u16le(frame, 0) + u16le(frame, 4) > sides[0] || u16le(frame, 2) + u16le(frame, 6) > sides[1])
          return malformed; // the picture would be larger than the one that was looked at
        yield { emit: frame };
        yield { pass: tableBytes(frame[8] ?? 0) + 1 };
        yield* blocks("pass");
        images += 1;
        break;
      }
      case extension: {
        const { bytes: label } = yield* take(1);
        if (label[0] === control) {
          yield { emit: label };
          yield* blocks("pass");
        } else if (label[0] === application) {
          const { bytes: name } = yield* take(12);
          const stays = name[0] === 11 && repeating.includes(ascii(name, 1, 12));
          if (name[0] !== 11) return malformed;
          yield { emit: Uint8Array.of(stays ? application : comment, 11) };
          yield { emit: stays ? name.subarray(1) : new Uint8Array(11) };
          yield* blocks(stays ? "pass" : "blank");
        } else {
          yield { emit: Uint8Array.of(comment) };
          yield* blocks("blank");
        }
        break;
      }
      default:
        return malformed;
    }
  }
}

function tableBytes(packed: number): number {
  return (packed & 0x80) === 0 ? 0 : 3 * 2 ** ((packed & 7) + 1);
}

/** Blocks of at most 255 bytes, each behind its length, to the one of none. */
function* blocks(how: "pass" | "blank"): Generator<Step, void, Taken | null> {
  for (;;) {
    const { bytes: length } = yield* take(1);
    yield { emit: length };
    if (length[0] === 0) return;
    yield how === "pass" ? { pass: length[0] ?? 0 } : { blank: length[0] ?? 0 };
  }
}
