import { currencyExponent } from "@foyer/kernel/money";
import { invalidParam } from "./api/errors.ts";

/** Stripe's largest amount of one payment, in minor units. */
export const amountMinorMax = 99_999_999;

/** Smallest charges by currency, in minor units (https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts). */
const minimums: Readonly<Record<string, number>> = {
  aud: 50,
  brl: 50,
  cad: 50,
  chf: 50,
  czk: 1_500,
  dkk: 250,
  eur: 50,
  gbp: 30,
  hkd: 400,
  huf: 17_500,
  inr: 50,
  jpy: 50,
  mxn: 1_000,
  nok: 300,
  nzd: 50,
  pln: 200,
  ron: 200,
  sek: 300,
  sgd: 50,
  usd: 50,
};

/** An amount for people, such as `€12.50`. */
export function formatAmount(amountMinor: number, currency: string): string {
  const digits = currencyExponent(currency.toUpperCase());
  return new Intl.NumberFormat("en-US", {
    style: "currency",
    currency: currency.toUpperCase(),
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  }).format(amountMinor / 10 ** digits);
}

/** Refuses what is too little or too much for one payment. */
export function checkAmount(param: string, amountMinor: number, currency: string): void {
  const minimum = minimums[currency] ?? 1;
  if (amountMinor < minimum) {
    throw invalidParam(
      param,
      `Amount must be at least ${formatAmount(minimum, currency)} ${currency}`,
      "amount_too_small",
    );
  }
  if (amountMinor > amountMinorMax) {
    throw invalidParam(
      param,
      `Amount must be no more than ${formatAmount(amountMinorMax, currency)}`,
      "amount_too_large",
    );
  }
}
