import { joined, text } from "@foyer/testing/images";
import { photographs } from "@foyer/testing/photographs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inspectImage } from "../src/image.ts";
import { withoutMetadata } from "../src/metadata.ts";

const latin1 = (bytes: Uint8Array): string => new TextDecoder("latin1").decode(bytes);

/** The file without its metadata, which it must have been possible to take from it. */
function bare({ bytes, contentType }: (typeof photographs)[keyof typeof photographs]): Uint8Array<ArrayBuffer> {
  const result = withoutMetadata(bytes, contentType);
  if (result === null) throw new Error("the picture was refused");
  return result;
}

/** Where a text begins in a file. */
function placeOf(file: Uint8Array, what: string): number {
  const at = latin1(file).indexOf(what);
  if (at < 0) throw new Error(`there is no ${what}`);
  return at;
}

/** Latitude and longitude as every photograph here writes them: 52, 31 and 77.77, as fractions. */
const position = latin1(Uint8Array.from(new Uint8Array(Uint32Array.of(52, 1, 31, 1, 7_777, 100).buffer)));

describe.each(Object.entries(photographs))("a %s", (_kind, photograph) => {
  test("says nothing more of its maker, its place or its comments, and ends where the picture ends", () => {
    const before = latin1(photograph.bytes);
    const after = latin1(bare(photograph));
    for (const said of ["Secret", "SecretAuthor", position, "SecretTail"]) {
      expect([said, before.includes(said)]).toEqual([said, true]);
      expect([said, after.includes(said)]).toEqual([said, false]);
    }
  });

  test("is the same picture, in the same colours", () => {
    const after = bare(photograph);
    expect(inspectImage(after)).toEqual(inspectImage(photograph.bytes));
    const pixels = { "image/jpeg": "\xff\xda", "image/png": "IDAT", "image/webp": "VP8 " }[photograph.contentType];
    const start = placeOf(photograph.bytes, pixels);
    const ended =
      latin1(photograph.bytes)
        .slice(start)
        .split(/EXIF|IEND|SecretTail/)[0] ?? "";
    expect(ended.length).toBeGreaterThan(30);
    expect(latin1(after)).toContain(ended);
    expect(latin1(after).includes("ICC")).toBe(latin1(photograph.bytes).includes("ICC"));
  });

  test("has nothing left to lose the second time", () => {
    const { contentType } = photograph;
    const once = bare(photograph);
    expect(withoutMetadata(once, contentType)).toEqual(once);
  });

  test("cut short anywhere before its end is refused", () => {
    const once = bare(photograph);
    for (let length = 0; length < once.length; length += 1)
      expect([length, withoutMetadata(once.subarray(0, length), photograph.contentType)]).toEqual([length, null]);
  });

  test("whatever is changed in it, it neither throws nor grows by more than what says which way is up", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(photograph.bytes.length - 1), fc.nat(255)), { minLength: 1, maxLength: 12 }),
        (edits) => {
          const file = photograph.bytes.slice();
          for (const [at, byte] of edits) file[at] = byte;
          const result = withoutMetadata(file, photograph.contentType);
          expect(result === null || result.length <= file.length + 40).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

test("which way is up stays, by itself", () => {
  const tag = "\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06";
  for (const { bytes, contentType } of [photographs.jpeg, photographs.png]) {
    expect(latin1(bare({ bytes, contentType } as typeof photographs.jpeg))).toContain(tag);
    const upright = bytes.slice();
    upright[placeOf(bytes, "\x12\x01\x03\x00\x01\x00\x00\x00\x06") + 8] = 1;
    const after = latin1(withoutMetadata(upright, contentType) ?? new Uint8Array());
    expect(after).not.toMatch(/exif/i);
    expect(after.length).toBeGreaterThan(100);
  }
});

test("a JPEG with a second frame, or without a scan, is refused", () => {
  const once = bare(photographs.jpeg);
  const frame = placeOf(once, "\xff\xc0");
  const scan = placeOf(once, "\xff\xda");
  const second = once.subarray(frame, frame + 2 + (once[frame + 2] ?? 0) * 256 + (once[frame + 3] ?? 0));
  expect(withoutMetadata(joined(once.subarray(0, scan), second, once.subarray(scan)), "image/jpeg")).toBeNull();
  expect(withoutMetadata(joined(once.subarray(0, scan), Uint8Array.of(0xff, 0xd9)), "image/jpeg")).toBeNull();
});

test("the small copy in a JPEG's head is left out", () => {
  const { bytes } = photographs.jpeg;
  const thumbnail = text("SecretThumb!");
  const head = joined(
    Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 28),
    bytes.subarray(6, 18),
    Uint8Array.of(2, 2),
    thumbnail,
  );
  const after = withoutMetadata(joined(head, bytes.subarray(20)), "image/jpeg");
  expect(after).toEqual(bare(photographs.jpeg));
});

test("a PNG with a second header, or without pixels, is refused", () => {
  const once = bare(photographs.png);
  const header = once.subarray(8, 33);
  expect(withoutMetadata(joined(once.subarray(0, 33), header, once.subarray(33)), "image/png")).toBeNull();
  expect(withoutMetadata(joined(once.subarray(0, 33), once.subarray(-12)), "image/png")).toBeNull();
});

test("a moving WebP, or one of two pictures, is refused", () => {
  const once = bare(photographs.webp);
  const picture = placeOf(once, "VP8 ");
  const twice = joined(once, once.subarray(picture));
  new DataView(twice.buffer).setUint32(4, twice.length - 8, true);
  expect(withoutMetadata(twice, "image/webp")).toBeNull();
  const moving = once.slice();
  moving.set(text("ANMF"), picture);
  expect(withoutMetadata(moving, "image/webp")).toBeNull();
});

test("what may be sent can be less than what is known, in kind and in size", () => {
  const rules = { contentTypes: ["image/jpeg", "image/png"], sidePixelsMax: 20 } as const;
  expect(inspectImage(photographs.webp.bytes, rules)).toEqual({ ok: false, reason: "Send a JPEG or PNG image." });
  expect(inspectImage(photographs.png.bytes, rules)).toEqual({
    ok: false,
    reason: "An image is at most 20 pixels a side.",
  });
  expect(inspectImage(photographs.png.bytes, { ...rules, sidePixelsMax: 24 })).toMatchObject({ ok: true });
});
