import fc from "fast-check";
import { expect, test } from "vitest";
import { placeOf } from "../../src/domain/place.ts";

test.each([
  [{ city: "Hamburg", country: "DE" }, "Hamburg, DE"],
  [{ city: "São Paulo", country: "BR" }, "São Paulo, BR"],
  [{ city: "東京", country: "JP" }, "東京, JP"],
  [{ country: "DE" }, "DE"],
  [{ city: "Hamburg" }, "Hamburg"],
  [{ city: "", country: "DE" }, "DE"],
])("%j is said as %j", (cf, place) => {
  expect(decodeURIComponent(placeOf(cf) ?? "")).toBe(place);
});

test.each([undefined, {}, { country: "XX" }, { country: "T1" }, { country: 49, city: null }])(
  "%j says nothing",
  (cf) => {
    expect(placeOf(cf)).toBeNull();
  },
);

test("whatever a place is called, it is one header of printable ASCII", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", minLength: 1 }), (city) => {
      const place = placeOf({ city, country: "DE" });
      expect(place).toMatch(/^[\x21-\x7e]+$/);
      expect(decodeURIComponent(place ?? "")).toBe(`${city.toWellFormed()}, DE`);
    }),
  );
  expect(placeOf({ city: "\ud800" })).toBe("%EF%BF%BD");
});
