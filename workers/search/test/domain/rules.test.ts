import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { corrections, slipsBetween, trigramsOf } from "../../src/domain/corrections.ts";
import { boxAround, distanceKm } from "../../src/domain/geo.ts";
import { toMarkedHtml, withoutMarks } from "../../src/domain/highlights.ts";
import { fold, matchExpression, prefixExpression, wordsOf } from "../../src/domain/query-text.ts";
import { createTimedCache } from "../../src/domain/timed-cache.ts";

describe("the words of a text", () => {
  test("hold no sign that the index would read as an operator", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        for (const word of wordsOf(text)) expect(word).toMatch(/^[\p{L}\p{N}\p{M}\p{Co}]+$/u);
      }),
    );
  });

  test("are limited in number and not repeated", () => {
    expect(wordsOf("a b a c d", 3)).toEqual(["a", "b", "c"]);
    expect(wordsOf('" * ( ) -')).toEqual([]);
  });

  test("become an expression in which each is a quoted string", () => {
    expect(matchExpression([["rock"], ["roll", "role"]])).toBe('("rock") AND ("roll" OR "role")');
    expect(matchExpression([])).toBeNull();
    expect(prefixExpression("rock ro")).toBe('"rock" AND "ro"*');
    expect(prefixExpression("!")).toBeNull();
  });

  test("are compared without accents and case, and scripts that are not alphabets stay whole", () => {
    expect([fold("서울"), fold("ガラス")]).toEqual(["서울", "ガラス"]);
    expect(fold("ÜBERMÜßIG")).toBe("ubermußig");
  });
});

describe("slips between words", () => {
  test("count insertions, deletions, substitutions and swaps as one each", () => {
    expect(slipsBetween("concert", "concert", 2)).toBe(0);
    expect(slipsBetween("cocnert", "concert", 2)).toBe(1);
    expect(slipsBetween("conert", "concert", 2)).toBe(1);
    expect(slipsBetween("konzert", "concert", 2)).toBe(2);
    expect(slipsBetween("theatre", "concert", 2)).toBe(3);
  });

  test("are the same both ways, and none only between equal words", () => {
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c", "é"), maxLength: 8 });
    fc.assert(
      fc.property(word, word, (left, right) => {
        expect(slipsBetween(left, right, 8)).toBe(slipsBetween(right, left, 8));
        expect(slipsBetween(left, right, 8) === 0).toBe(left === right);
      }),
    );
  });

  test("decide what may have been meant: fewer slips first, longer forms of the word before them", () => {
    expect(corrections("jazz", ["jizz", "jazzy", "rock"])).toEqual(["jazzy", "jizz"]);
    expect(corrections("jzaz", ["jazz"])).toEqual(["jazz"]);
    expect(corrections("ja", ["jam"])).toEqual([]);
  });

  test("similar words share a run of three letters", () => {
    expect(trigramsOf("Café")).toEqual(["caf", "afe"]);
    expect(trigramsOf("no")).toEqual([]);
  });
});

test("nothing inside the circle is outside of its box", () => {
  const latitude = fc.double({ min: -90, max: 90, noNaN: true });
  const longitude = fc.double({ min: -180, max: 180, noNaN: true });
  const radiusKm = fc.double({ min: 0.001, max: 1_000, noNaN: true });
  fc.assert(
    fc.property(
      fc.record({ latitude, longitude, radiusKm }),
      latitude,
      longitude,
      fc.double({ min: -1, max: 1, noNaN: true }),
      (circle, lat, lng, near) => {
        // Half of the points are close by, or hardly any would be inside.
        const place =
          near < 0
            ? { latitude: lat, longitude: lng }
            : { latitude: Math.max(-90, Math.min(90, circle.latitude + near * 9)), longitude: circle.longitude };
        fc.pre(distanceKm(circle, place) <= circle.radiusKm);
        const box = boxAround(circle);
        expect(place.latitude).toBeGreaterThanOrEqual(box.south);
        expect(place.latitude).toBeLessThanOrEqual(box.north);
        if (box.longitudes !== null) {
          expect(place.longitude).toBeGreaterThanOrEqual(box.longitudes[0]);
          expect(place.longitude).toBeLessThanOrEqual(box.longitudes[1]);
        }
      },
    ),
  );
});

test("distances agree with a map: Berlin to Paris is 877 km", () => {
  const km = distanceKm({ latitude: 52.52, longitude: 13.405 }, { latitude: 48.8566, longitude: 2.3522 });
  expect(Math.round(km)).toBe(877);
});

test("marked text never holds markup of its own", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 100 }), fc.string({ maxLength: 20 }), (before, marked) => {
      const html = toMarkedHtml(`${withoutMarks(before)}\u0002${withoutMarks(marked)}\u0003`) ?? "";
      expect(html.replace("<mark>", "").replace("</mark>", "")).not.toMatch(/[<>"']/);
      expect(html.endsWith("</mark>")).toBe(true);
    }),
  );
  expect(toMarkedHtml("nothing matched")).toBeNull();
  expect(toMarkedHtml(null)).toBeNull();
});

test("the isolate's cache lets go of what is past its time, whether or not it is asked for again", () => {
  const cache = createTimedCache<string>({ ttlMs: 10, entriesMax: 1_000 });
  for (let nowMs = 0; nowMs < 500; nowMs += 1) cache.set(`query ${nowMs}`, "a page of a hundred events", nowMs);
  expect(cache.size()).toBe(10);
  cache.set("again", "first", 1_000);
  cache.set("other", "value", 1_005);
  cache.set("again", "second", 1_008);
  cache.set("last", "value", 1_015);
  expect([cache.get("again", 1_015), cache.get("other", 1_015), cache.size()]).toEqual(["second", undefined, 2]);
});

test("a timed cache forgets after its time, and the oldest beyond its size", () => {
  const cache = createTimedCache<number>({ ttlMs: 10, entriesMax: 2 });
  cache.set("a", 1, 0);
  expect(cache.get("a", 9)).toBe(1);
  expect(cache.get("a", 10)).toBeUndefined();
  cache.set("a", 1, 0);
  cache.set("b", 2, 0);
  cache.set("c", 3, 0);
  expect([cache.get("a", 1), cache.get("b", 1), cache.get("c", 1)]).toEqual([undefined, 2, 3]);
});
