import fc from "fast-check";
import { expect, test } from "vitest";
import { AssertionError } from "../src/assert.ts";
import { limits } from "../src/limits.ts";
import {
  addMoney,
  currencies,
  currencyExponent,
  formatMoney,
  isChargeable,
  isCurrency,
  money,
  multiplyMoney,
} from "../src/money.ts";

const currency = fc.constantFrom(...currencies);
const amount = fc.integer({ min: 0, max: limits.amountMinorMax });

test("adding is exact, in any order", () => {
  fc.assert(
    fc.property(currency, amount, amount, amount, (code, a, b, c) => {
      const [left, middle, right] = [money(a, code), money(b, code), money(c, code)];
      expect(addMoney(left, middle)).toEqual(addMoney(middle, left));
      expect(addMoney(addMoney(left, middle), right)).toEqual(addMoney(left, addMoney(middle, right)));
      expect(addMoney(left, right).amount).toBe(a + c);
    }),
  );
});

test("a price times a count is the price added that often", () => {
  fc.assert(
    fc.property(currency, amount, fc.integer({ min: 0, max: 50 }), (code, a, count) => {
      let sum = money(0, code);
      for (let index = 0; index < count; index += 1) sum = addMoney(sum, money(a, code));
      expect(multiplyMoney(money(a, code), count)).toEqual(sum);
    }),
  );
});

test("two currencies are never added", () => {
  expect(() => addMoney(money(1, "USD"), money(1, "EUR"))).toThrow(AssertionError);
});

test.each([0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("%d is no amount", (value) => {
  expect(() => money(value, "USD")).toThrow(AssertionError);
});

test.each([-1, 0.5, Number.NaN])("%d is no count", (count) => {
  expect(() => multiplyMoney(money(1, "USD"), count)).toThrow(AssertionError);
});

test("a product too large to be exact is a fault, not a rounded sum", () => {
  expect(() => multiplyMoney(money(limits.amountMinorMax, "USD"), Number.MAX_SAFE_INTEGER)).toThrow(AssertionError);
});

test.each(["usd", "US", "USDT", "", "__proto__", "constructor", "toString", "XXX"])("%j is no currency", (code) => {
  expect(isCurrency(code)).toBe(false);
  expect(() => money(1, code)).toThrow(AssertionError);
});

test("currencies have the decimals of ISO 4217", () => {
  const withoutDecimals = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split(" ");
  const withThree = "BHD JOD KWD OMR TND".split(" ");
  for (const code of currencies) {
    expect(currencyExponent(code)).toBe(withoutDecimals.includes(code) ? 0 : withThree.includes(code) ? 3 : 2);
  }
  expect(() => currencyExponent("usd")).toThrow(AssertionError);
});

test.each([
  [2_500, "USD", "$25.00"],
  [2_500, "JPY", "¥2,500"],
  [2_500, "KWD", "KWD 2.500"],
  [0, "USD", "$0.00"],
  [-5, "USD", "-$0.05"],
])("%d minor units of %s read %s", (value, code, text) => {
  expect(formatMoney(money(value, code), "en-US").replaceAll("\u00a0", " ")).toBe(text);
});

test("what can be charged ends at the limit, and begins at nothing", () => {
  expect(isChargeable(money(0, "USD"))).toBe(true);
  expect(isChargeable(money(limits.amountMinorMax, "USD"))).toBe(true);
  expect(isChargeable(money(limits.amountMinorMax + 1, "USD"))).toBe(false);
  expect(isChargeable(money(-1, "USD"))).toBe(false);
});
