import type { SalesFigures } from "@foyer/contracts/bookings/sale-figures";

/** Sums over the orders of one event, or of an organization, in one currency. */
export interface CurrencySums {
  readonly currency: string;
  readonly orders: number;
  readonly tickets: number;
  readonly revenueMinor: number;
}

/** Figures over all currencies. */
export function figuresOf(sums: readonly CurrencySums[]): SalesFigures {
  const total = (pick: (sum: CurrencySums) => number) => sums.reduce((all, sum) => all + pick(sum), 0);
  return {
    ordersConfirmed: total(({ orders }) => orders),
    ticketsSold: total(({ tickets }) => tickets),
    revenue: sums
      .filter(({ revenueMinor }) => revenueMinor > 0)
      .map(({ currency, revenueMinor }) => ({ amount: revenueMinor, currency }))
      .sort((left, right) => (left.currency < right.currency ? -1 : 1)),
  };
}
