import { expect, test } from "vitest";
import { isCountryCode } from "../src/countries.ts";

const letters = Array.from("ABCDEFGHIJKLMNOPQRSTUVWXYZ");

test("as many codes are countries' as ISO 3166-1 has officially assigned", () => {
  const pairs = letters.flatMap((first) => letters.map((second) => first + second));
  expect(pairs.filter(isCountryCode)).toHaveLength(249);
});

test("every code has a name in Unicode's list of regions", () => {
  const names = new Intl.DisplayNames("en", { type: "region", fallback: "none" });
  const pairs = letters.flatMap((first) => letters.map((second) => first + second));
  expect(pairs.filter((code) => isCountryCode(code) && names.of(code) === undefined)).toEqual([]);
});

// AA, QM and XA are for private use, EU, UK and SU are reserved, AN and YU are no more.
test.each(["", "D", "DEU", "de", "AA", "QM", "XA", "XK", "EU", "UK", "SU", "AN", "YU", "ZZ"])("%j is none", (text) => {
  expect(isCountryCode(text)).toBe(false);
});
