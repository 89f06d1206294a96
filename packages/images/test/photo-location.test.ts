import { headers, padded } from "@foyer/testing/images";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inspectImage } from "../src/image.ts";
import { withoutPosition } from "../src/photo-location.ts";

/** A photo whose EXIF says which way is up, and where it was taken: 52 degrees, 31 minutes, written as three fractions. */
function photo(little: boolean): Uint8Array {
  const u16 = (n: number): number[] => (little ? [n & 255, n >> 8] : [n >> 8, n & 255]);
  const u32 = (n: number): number[] =>
    little ? [...u16(n & 0xffff), ...u16(n >>> 16)] : [...u16(n >>> 16), ...u16(n & 0xffff)];
  const tiff = [
    ...(little ? [0x49, 0x49] : [0x4d, 0x4d]),
    ...u16(42),
    ...u32(8),
    ...u16(2),
    ...[...u16(0x0112), ...u16(3), ...u32(1), ...u16(6), 0, 0], // orientation
    ...[...u16(0x8825), ...u16(4), ...u32(1), ...u32(38)], // where the GPS directory is
    ...u32(0),
    ...u16(2), // at 38
    ...[...u16(1), ...u16(2), ...u32(2), 0x4e, 0, 0, 0], // north
    ...[...u16(2), ...u16(5), ...u32(3), ...u32(68)], // latitude
    ...u32(0),
    ...[52, 1, 31, 1, 7_777, 100].flatMap(u32), // at 68
  ];
  const length = tiff.length + 8;
  return headers.jpeg(640, 480, [
    0xff,
    0xe1,
    length >> 8,
    length & 255,
    ...[..."Exif"].map((c) => c.charCodeAt(0)),
    0,
    0,
    ...tiff,
  ]);
}

describe.each([
  ["little", true],
  ["big", false],
] as const)("a photo with %s-endian EXIF", (_order, little) => {
  const before = photo(little);
  const after = withoutPosition(before);

  test("loses its position and nothing else", () => {
    const tiffAt = before.length - headers.jpeg(640, 480).length + 20 - 92;
    const changed = [...before.keys()].filter((index) => before[index] !== after[index]);
    expect(changed.length).toBeGreaterThan(10);
    for (const index of changed) expect(index).toBeGreaterThanOrEqual(tiffAt + 38);
    for (const index of changed) expect(after[index]).toBe(0);
    expect([...after.subarray(tiffAt + 38, tiffAt + 92)].every((byte) => byte === 0)).toBe(true);
    expect(inspectImage(after)).toEqual(inspectImage(before));
    expect(after.length).toBe(before.length);
  });

  test("is left as it was sent in the caller's hands", () => {
    expect(before).toEqual(photo(little));
  });
});

test("what has no position passes as it is", () => {
  for (const file of [headers.png(10, 10), headers.jpeg(10, 10), padded(headers.gif(10, 10), 100), new Uint8Array(0)])
    expect(withoutPosition(file)).toBe(file);
});

test("no EXIF whatever makes it throw, grow or shrink", () => {
  const model = photo(true);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(model.length - 1), fc.nat(255)), { maxLength: 12 }), (edits) => {
      const file = model.slice();
      for (const [at, byte] of edits) file[at] = byte;
      expect(withoutPosition(file).length).toBe(file.length);
    }),
    { numRuns: 3_000 },
  );
});
