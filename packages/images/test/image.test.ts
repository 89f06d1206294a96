import { limits } from "@foyer/kernel/limits";
import { headers, joined, padded, text } from "@foyer/testing/images";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { inspectImage } from "../src/image.ts";

const kinds = [
  ["png", "image/png"],
  ["jpeg", "image/jpeg"],
  ["gif", "image/gif"],
  ["webpLossy", "image/webp"],
  ["webpLossless", "image/webp"],
  ["webpExtended", "image/webp"],
  ["avif", "image/avif"],
] as const;

describe.each(kinds)("%s", (kind, contentType) => {
  test("is known by its content, and its size is read", () => {
    fc.assert(
      fc.property(fc.integer({ min: 17, max: 10_000 }), fc.integer({ min: 17, max: 10_000 }), (width, height) => {
        expect(inspectImage(padded(headers[kind](width, height), 400))).toEqual({
          ok: true,
          image: { contentType, width, height },
        });
      }),
    );
  });

  test.each([
    [12_001, 10],
    [10, 12_001],
  ])("of %i by %i pixels is refused", (width, height) => {
    expect(inspectImage(padded(headers[kind](width, height), 400))).toMatchObject({
      ok: false,
      reason: expect.stringContaining("12000"),
    });
  });

  test("cut off anywhere in its header is refused", () => {
    const whole = headers[kind](640, 480);
    const needed = kind === "jpeg" ? whole.length - 10 : kind === "gif" ? whole.length : whole.length - 1;
    for (let length = 0; length < needed - 4; length += 1)
      expect([length, inspectImage(whole.subarray(0, length)).ok]).toEqual([length, false]);
  });

  test("has as many pixels as the limit says, and not one more", () => {
    expect(inspectImage(padded(headers[kind](10_000, limits.imagePixelsMax / 10_000), 400)).ok).toBe(true);
    expect(inspectImage(padded(headers[kind](10_000, limits.imagePixelsMax / 10_000 + 1), 400))).toMatchObject({
      ok: false,
      reason: expect.stringContaining("pixels"),
    });
  });

  test.each(["<script>alert(1)</script>", "<svg onload=x>", "<!DOCTYPE html>", "<?php system('x');", "<HTML >"])(
    "that holds %s as well is refused",
    (markup) => {
      const both = joined(padded(headers[kind](640, 480), 400), text(markup));
      expect(inspectImage(both)).toMatchObject({ ok: false, reason: expect.stringContaining("at once") });
    },
  );
});

test.each([
  ["SVG", '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'],
  ["HTML", "<!doctype html><p>hello"],
  ["XML", '<?xml version="1.0"?><a/>'],
  ["PDF", "%PDF-1.7 ..."],
  ["BMP", "BM....................................................."],
  ["a script that begins as a GIF", `${"GIF89a/*".padEnd(60, " ")}*/=1;alert(1)`],
  ["a name", "photo.jpg"],
  ["nothing", ""],
])("%s is no image", (_what, content) => {
  expect(inspectImage(text(content)).ok).toBe(false);
});

test("a JPEG's size is found behind long segments, and one whose header is too long is refused", () => {
  const segment = [0xff, 0xe1, 0xff, 0xff, ...Array.from({ length: 65_533 }, () => 1)];
  const photo = headers.jpeg(4_000, 3_000, [...segment, ...segment]);
  expect(inspectImage(photo)).toMatchObject({ ok: true, image: { width: 4_000, height: 3_000 } });
  expect(inspectImage(photo.subarray(0, 100_000)).ok).toBe(false);
});

test("an AVIF with a small thumbnail is as large as its largest picture", () => {
  expect(inspectImage(padded(headers.avif(30_000, 20), 400)).ok).toBe(false);
});

test("no bytes whatever make it throw", () => {
  const heads = kinds.map(([kind]) => headers[kind](100, 100));
  fc.assert(
    fc.property(fc.constantFrom(...heads), fc.nat(200), fc.uint8Array({ maxLength: 300 }), (head, keep, noise) => {
      const result = inspectImage(joined(head.subarray(0, keep), noise));
      if (result.ok) {
        expect(result.image.width).toBeGreaterThan(0);
        expect(result.image.height).toBeGreaterThan(0);
      }
    }),
    { numRuns: 2_000 },
  );
});
