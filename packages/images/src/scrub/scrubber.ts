import { concat } from "../bytes.ts";

/** What a file turned out to be, once its last byte has passed. */
export type Scrubbed =
  | { readonly ok: true; readonly width: number | null; readonly height: number | null }
  /** `truncated` where it ended too soon, `malformed` where it is not built as its format says. */
  | { readonly ok: false; readonly fault: "truncated" | "malformed"; readonly reason: string };

/**
 * A file on its way in: what describes people and places is blanked in place, so that not a byte moves, and the whole structure is walked,
 * so that what is cut off or is something else besides is found out. At most one block of a format's own limits is held.
 */
export interface Scrubber {
  /** What may go on of what has come so far, some of it in the chunk's own memory; null where the file is refused, which {@link end} explains. */
  push(chunk: Uint8Array): readonly Uint8Array[] | null;
  /** The rest, and what it was. */
  end(): { readonly rest: readonly Uint8Array[]; readonly outcome: Scrubbed };
}

/** What a walk through a format asks for next. */
export type Step =
  /** So many bytes, to look at; they go on as they are returned by `emit`. With `orEnd`, null where the file ends just here. */
  | { readonly take: number; readonly orEnd?: true }
  /** So many bytes go on as they are; infinitely many: all there are. */
  | { readonly pass: number }
  /** So many bytes go on as zeros. */
  | { readonly blank: number }
  /** Bytes go on that end a JPEG's scan: up to a marker that is no data of it. */
  | { readonly passScan: true }
  | { readonly emit: Uint8Array }
  /** From here on these stretches of the file, by their place in it, are zeros whatever they are. */
  | { readonly blankLater: readonly (readonly [start: number, end: number])[] };

/** The sides of what was walked, or why it is refused. */
export type Walked =
  | { readonly width: number | null; readonly height: number | null }
  | { readonly malformed: string }
  | { readonly truncated: string };

/** A walk: asks for bytes in order, and says in the end what it saw. What is asked with `take` comes back; `at` is its place. */
export type Walk = Generator<Step, Walked, Taken | null>;
export interface Taken {
  readonly bytes: Uint8Array;
  /** Place of its first byte in the file. */
  readonly at: number;
}

const cutShort = "The file ends before its format does; send it whole.";

/** Runs a walk over a file that comes in chunks. */
export function scrubberOf(walk: Walk): Scrubber {
  let step: Step | null = null;
  let left = 0;
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  let place = 0;
  let atMarker = false;
  let ranges: readonly (readonly [number, number])[] = [];
  let walked: Walked | null = null;

  function advance(answer: Taken | null, out: Uint8Array[]): void {
    let next = walk.next(answer);
    for (;;) {
      if (next.done === true) {
        walked = next.value;
        step = null;
        return;
      }
      const asked = next.value;
      if ("emit" in asked) out.push(asked.emit);
      else if ("blankLater" in asked) ranges = [...ranges, ...asked.blankLater];
      else {
        step = asked;
        left = "take" in asked ? asked.take : "pass" in asked ? asked.pass : "blank" in asked ? asked.blank : 0;
        if ("passScan" in asked || left > 0) return;
        if ("take" in asked) {
          next = walk.next({ bytes: new Uint8Array(0), at: place });
          continue;
        }
      }
      next = walk.next(null);
    }
  }

  function passed(bytes: Uint8Array, at: number): Uint8Array {
    const hit = ranges.filter(([start, end]) => start < at + bytes.byteLength && end > at);
    if (hit.length === 0) return bytes;
    const copy = bytes.slice();
    for (const [start, end] of hit) copy.fill(0, Math.max(0, start - at), Math.min(bytes.byteLength, end - at));
    return copy;
  }

  /** Length of a scan's data at the front of these bytes; a marker's first byte may be the last of them. */
  function scanLength(bytes: Uint8Array): number {
    for (let at = bytes.indexOf(0xff); at !== -1; at = bytes.indexOf(0xff, at + 1)) {
      const next = bytes[at + 1];
      if (next === undefined) return at;
      const isData = next === 0 || next === 0xff || (next >= 0xd0 && next <= 0xd7);
      if (!isData) {
        atMarker = true;
        return at;
      }
    }
    return bytes.byteLength;
  }

  advance(null, []);
  return {
    push(chunk) {
      const out: Uint8Array[] = [];
      let bytes = chunk;
      while (bytes.byteLength > 0) {
        if (step === null) return null; // refused, or more behind what has come to its end
        if ("passScan" in step) {
          const all = heldBytes > 0 ? concat([...held, bytes]) : bytes;
          held = [];
          heldBytes = 0;
          const length = scanLength(all);
          if (length > 0) out.push(all.subarray(0, length));
          place += length;
          bytes = all.subarray(length);
          if (!atMarker) {
            if (bytes.byteLength > 0) {
              held = [bytes.slice()];
              heldBytes = bytes.byteLength;
            }
            return out;
          }
          atMarker = false;
          advance(null, out);
          continue;
        }
        const length = Math.min(left, bytes.byteLength);
        const part = bytes.subarray(0, length);
        left -= length;
        if ("take" in step) {
          held.push(part.slice()); // the chunk's memory may be used again
          heldBytes += length;
        } else if ("pass" in step) out.push(passed(part, place));
        else out.push(new Uint8Array(length));
        place += length;
        bytes = bytes.subarray(length);
        if (left > 0) continue;
        if ("take" in step) {
          const taken = concat(held);
          held = [];
          heldBytes = 0;
          advance({ bytes: taken, at: place - taken.byteLength }, out);
        } else advance(null, out);
      }
      return walked !== null && !("width" in walked) ? null : out;
    },
    end() {
      const out: Uint8Array[] = [];
      if (walked === null && step !== null && "take" in step && step.orEnd === true && heldBytes === 0)
        advance(null, out);
      else if (walked === null && step !== null && left === Number.POSITIVE_INFINITY) advance(null, out);
      if (walked === null) return { rest: out, outcome: { ok: false, fault: "truncated", reason: cutShort } };
      if ("truncated" in walked)
        return { rest: out, outcome: { ok: false, fault: "truncated", reason: walked.truncated } };
      if ("malformed" in walked)
        return { rest: out, outcome: { ok: false, fault: "malformed", reason: walked.malformed } };
      return { rest: out, outcome: { ok: true, ...walked } };
    },
  };
}

/** A walk's `take`: the bytes, which are there, since without `orEnd` nothing else comes back. */
export function* take(bytes: number): Generator<Step, Taken, Taken | null> {
  const taken = yield { take: bytes };
  if (taken === null) throw new Error("a walk was answered without the bytes it asked for");
  return taken;
}
