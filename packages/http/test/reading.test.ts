import fc from "fast-check";
import { expect, test } from "vitest";
import * as z from "zod";
import { decodeCursor, encodeCursor, toPage } from "../src/cursor.ts";
import { checkIfMatch, etagOf, isNotModified } from "../src/etag.ts";
import { runHealthChecks } from "../src/health.ts";

/** Any UTF-16 code unit, lone surrogates and controls among them. */
const codeUnit = fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit));

const keySchema = z.tuple([z.number(), z.string()]);

test("a cursor comes back as it went out, and fits an address", () => {
  fc.assert(
    fc.property(fc.integer(), fc.string({ unit: "grapheme" }), (number, text) => {
      const cursor = encodeCursor([number, text]);
      expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/);
      expect(decodeCursor(cursor, keySchema)).toEqual({ ok: true, value: [number, text] });
    }),
  );
});

test("any text is a cursor of this list or one stable failure", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: codeUnit }), fc.base64String()), (text) => {
      const result = decodeCursor(text, keySchema);
      return (
        result.ok || (result.error.code === "request.invalid" && result.error.errors?.[0]?.path === "query.cursor")
      );
    }),
  );
});

test("another list's cursor is refused", () => {
  expect(decodeCursor(encodeCursor("evt_1"), keySchema).ok).toBe(false);
  expect(decodeCursor(encodeCursor(["1", "a"]), keySchema).ok).toBe(false);
});

test("walking pages meets every row once, in order", () => {
  const rows = fc.uniqueArray(fc.integer({ min: 0, max: 10_000 }), { maxLength: 60 });
  fc.assert(
    fc.property(rows, fc.integer({ min: 1, max: 20 }), (numbers, limit) => {
      const sorted = numbers.toSorted((a, b) => a - b);
      const seen: number[] = [];
      let after = -1;
      for (let round = 0; round <= sorted.length; round += 1) {
        const page = toPage(sorted.filter((row) => row > after).slice(0, limit + 1), limit, (row) => row);
        expect(page.data.length).toBeLessThanOrEqual(limit);
        seen.push(...page.data);
        if (page.nextCursor === null) break;
        const next = decodeCursor(page.nextCursor, z.number());
        if (next.ok) after = next.value;
      }
      expect(seen).toEqual(sorted);
    }),
  );
});

test("an empty page has no cursor", () => {
  expect(toPage([], 20, () => 0)).toEqual({ data: [], nextCursor: null });
});

test.each([
  [undefined, false],
  ['"3"', true],
  ['W/"3"', true],
  ['"2", "3"', true],
  ["*", true],
  ['"2"', false],
  ["3", false],
  ["", false],
])("If-None-Match %j against version 3: not modified is %s", (header, expected) => {
  expect(isNotModified(header, etagOf(3))).toBe(expected);
});

test.each([
  [undefined, true],
  ['"3"', true],
  ['"2", "3"', true],
  ["*", true],
  ['"2"', false],
  ["3", false],
  ["", false],
])("If-Match %j against version 3: allowed is %s", (header, expected) => {
  const result = checkIfMatch(header, etagOf(3));
  expect(result.ok).toBe(expected);
  if (!result.ok) expect(result.error.code).toBe("request.precondition_failed");
});

test("a validator that a compressing proxy made weak on its way still guards a change", () => {
  expect(checkIfMatch('W/"3"', etagOf(3)).ok).toBe(true);
  expect(checkIfMatch('W/"2"', etagOf(3)).ok).toBe(false);
});

test("health names every check, and one that throws fails the whole", async () => {
  expect(await runHealthChecks({})).toEqual({ status: "ok", checks: [] });
  const report = await runHealthChecks({
    good: async () => 1,
    bad: async () => {
      throw new Error("down");
    },
  });
  expect(report).toMatchObject({
    status: "failing",
    checks: [
      { name: "good", ok: true },
      { name: "bad", ok: false },
    ],
  });
});
