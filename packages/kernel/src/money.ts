import { assert } from "./assert.ts";
import { limits } from "./limits.ts";

/** An amount in minor units of an ISO 4217 currency: `{ amount: 2500, currency: "USD" }` is 25 dollars. */
export interface Money {
  readonly amount: number;
  readonly currency: string;
}

/**
 * Currencies that can be charged, with their count of decimals (ISO 4217 exponent). The set is Stripe's presentment
 * currencies, see https://docs.stripe.com/currencies; its special cases (ISK, UGX and HUF for payouts) do not
 * concern charging.
 */
const exponents: Readonly<Record<string, number>> = Object.fromEntries([
  ...(
    "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BWP BYN BZD CAD CDF CHF CNY COP CRC " +
    "CVE CZK DKK DOP DZD EGP ETB EUR FJD FKP GBP GEL GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR ISK JMD KES KGS KHR KYD " +
    "KZT LAK LBP LKR LRD LSL MAD MDL MKD MMK MNT MOP MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR " +
    "PLN QAR RON RSD RUB SAR SBD SCR SEK SGD SHP SOS SRD STD SZL THB TJS TOP TRY TTD TWD TZS UAH USD UYU UZS WST XCD YER " +
    "ZAR ZMW UGX"
  )
    .split(" ")
    .map((code): [string, number] => [code, 2]),
  ..."BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
    .split(" ")
    .map((code): [string, number] => [code, 0]),
  ..."BHD JOD KWD OMR TND".split(" ").map((code): [string, number] => [code, 3]),
]);

/** All currency codes that a price may carry. */
export const currencies: readonly string[] = Object.keys(exponents).sort();

/** Whether a code is a currency that can be charged; upper case only. */
export function isCurrency(code: string): boolean {
  return Object.hasOwn(exponents, code);
}

/** Decimals of a currency: 2 for USD, 0 for JPY, 3 for KWD. */
export function currencyExponent(code: string): number {
  const exponent = exponents[code];
  assert(exponent !== undefined, `unknown currency ${code}`);
  return exponent;
}

/** Makes an amount after asserting that it is a whole number within the platform's limit. */
export function money(amount: number, currency: string): Money {
  assert(Number.isSafeInteger(amount), "an amount is a whole number of minor units");
  assert(Math.abs(amount) <= Number.MAX_SAFE_INTEGER, "an amount stays exact");
  assert(isCurrency(currency), `unknown currency ${currency}`);
  return { amount, currency };
}

/** Adds two amounts of one currency. Mixing currencies is a bug: input is checked before it comes here. */
export function addMoney(left: Money, right: Money): Money {
  assert(left.currency === right.currency, "amounts of two currencies cannot be added");
  return money(left.amount + right.amount, left.currency);
}

/** A price times a count of tickets. */
export function multiplyMoney(price: Money, count: number): Money {
  assert(Number.isSafeInteger(count) && count >= 0, "a count is a whole number");
  return money(price.amount * count, price.currency);
}

/** Whether an order's total can be charged at all. */
export function isChargeable(total: Money): boolean {
  return total.amount >= 0 && total.amount <= limits.amountMinorMax;
}

/** For people: `formatMoney({ amount: 2500, currency: "USD" }, "en-US")` is `$25.00`. */
export function formatMoney(value: Money, locale = "en-US"): string {
  const exponent = currencyExponent(value.currency);
  return new Intl.NumberFormat(locale, {
    style: "currency",
    currency: value.currency,
    minimumFractionDigits: exponent,
    maximumFractionDigits: exponent,
  }).format(value.amount / 10 ** exponent);
}
