import fc from "fast-check";
import { expect, test } from "vitest";
import {
  equalInConstantTime,
  fromBase64Url,
  hmacSha256,
  randomSecret,
  sha256Hex,
  toBase64Url,
} from "../src/encoding.ts";
import { maskAddress } from "../src/mail-addresses.ts";
import { fail, ok } from "../src/result.ts";
import { slugify } from "../src/slugs.ts";

const text = fc.string({ unit: "grapheme" });

test("base64url keeps every byte, in letters that an address may hold", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      const encoded = toBase64Url(bytes);
      expect(encoded).toMatch(/^[A-Za-z0-9_-]*$/);
      expect(fromBase64Url(encoded)).toEqual(bytes);
    }),
  );
});

test.each(["a", "a=", "a+b/", "äöü", "ab cd", "abc\n"])("%j is not base64url", (bad) => {
  expect(fromBase64Url(bad)).toBeNull();
});

test("any text is read as bytes or refused, never thrown at", () => {
  fc.assert(
    fc.property(text, (input) => {
      const bytes = fromBase64Url(input);
      return bytes === null || bytes instanceof Uint8Array;
    }),
  );
});

test.each([
  [[], ""],
  [[0x66], "Zg"],
  [[0x66, 0x6f], "Zm8"],
  [[0xfb, 0xff, 0xfe], "-__-"],
])("bytes %j are %j (RFC 4648)", (bytes, encoded) => {
  expect(toBase64Url(Uint8Array.from(bytes))).toBe(encoded);
});

test("hashes are SHA-256 (FIPS 180-4) and HMAC-SHA-256 (RFC 4231, case 2) of the UTF-8", async () => {
  expect(await sha256Hex("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(await sha256Hex("ü")).not.toBe(await sha256Hex("u"));
  const code = fromBase64Url(await hmacSha256("Jefe", "what do ya want for nothing?"));
  expect(Array.from(code ?? [], (byte) => byte.toString(16).padStart(2, "0")).join("")).toBe(
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
  );
});

test("comparing in constant time agrees with comparing", () => {
  fc.assert(
    fc.property(text, text, (left, right) => {
      expect(equalInConstantTime(left, left)).toBe(true);
      expect(equalInConstantTime(left, right)).toBe(left === right);
    }),
  );
});

test("secrets have 256 bits and do not repeat", () => {
  const secrets = Array.from({ length: 1_000 }, randomSecret);
  expect(new Set(secrets).size).toBe(1_000);
  for (const secret of secrets) expect(fromBase64Url(secret)).toHaveLength(32);
});

test("a slug is lower-case ASCII words joined by single dashes, within its limit, and is its own slug", () => {
  fc.assert(
    fc.property(text, fc.integer({ min: 1, max: 80 }), (input, charsMax) => {
      const slug = slugify(input, charsMax);
      expect(slug).toMatch(/^(?:[a-z0-9]+(?:-[a-z0-9]+)*)?$/);
      expect(slug.length).toBeLessThanOrEqual(charsMax);
      expect(slugify(slug, charsMax)).toBe(slug);
    }),
  );
});

test.each([
  ["Café Noir: Live!", "cafe-noir-live"],
  ["  --A__B--  ", "a-b"],
  ["ＦＵＬＬ width", "full-width"],
  ["../../etc/passwd", "etc-passwd"],
  ["日本語", ""],
])("the slug of %j is %j", (input, slug) => {
  expect(slugify(input)).toBe(slug);
});

test("results hold a value or a failure, and survive the way between workers", () => {
  expect(structuredClone(ok({ a: 1 }))).toEqual({ ok: true, value: { a: 1 } });
  expect(structuredClone(fail("x.y", "No.", { retryAfterSeconds: 3 }))).toEqual({
    ok: false,
    error: { code: "x.y", detail: "No.", retryAfterSeconds: 3 },
  });
});

test("a masked address keeps its first letter and its domain", () => {
  expect(maskAddress("buyer@example.com")).toBe("b***@example.com");
  expect(maskAddress("@example.com")).toBe("***@example.com");
  expect(maskAddress("nobody")).toBe("***");
  expect(maskAddress("")).toBe("***");
});
