import type { EventSummary, SalesSeries, SeriesInterval } from "@foyer/contracts/analytics/api";
import { dayMs, hourMs, toRfc3339 } from "@foyer/kernel/clock";
import type { Money } from "@foyer/kernel/money";
import type { FactKind } from "./facts.ts";

/** A sum over facts of one kind and currency (empty where there is no money in it). */
export interface Sum {
  readonly kind: FactKind;
  readonly currency: string;
  readonly count: number;
  readonly tickets: number;
  readonly amountMinor: number;
}

/** The sums of an event or an organization as the figures that are shown. */
export function summarize(sums: readonly (Sum & { readonly updatedAtMs: number })[]): Omit<EventSummary, "eventId"> {
  const countOf = (kind: FactKind): number => sum(ofKind(sums, kind), ({ count }) => count);
  return {
    views: countOf("view"),
    visitors: countOf("visitor"),
    reservations: {
      created: countOf("reservation_created"),
      released: countOf("reservation_released"),
      expired: countOf("reservation_expired"),
    },
    orders: {
      created: countOf("order_created"),
      confirmed: countOf("order_confirmed"),
      cancelled: countOf("order_cancelled"),
      refunded: countOf("order_refunded"),
      expired: countOf("order_expired"),
    },
    ticketsSold: sum(ofKind(sums, "order_confirmed"), ({ tickets }) => tickets),
    revenue: moneyOf(ofKind(sums, "order_confirmed")),
    refunds: moneyOf(ofKind(sums, "refund")),
    checkIns: countOf("check_in"),
    updatedAt: sums.length === 0 ? null : toRfc3339(Math.max(...sums.map(({ updatedAtMs }) => updatedAtMs))),
  };
}

/** Length of a step. Days are those of UTC. */
export const stepMs: Readonly<Record<SeriesInterval, number>> = { hour: hourMs, day: dayMs };

/** The steps that a span of time touches, first to last, as the moments they begin. */
export function stepsOf(interval: SeriesInterval, fromMs: number, toMs: number) {
  const step = stepMs[interval];
  const firstMs = Math.floor(fromMs / step) * step;
  return { step, firstMs, count: Math.max(0, Math.ceil((toMs - firstMs) / step)) };
}

/** Sums by step as a series without gaps. */
export function toSeries(
  sums: readonly (Sum & { readonly stepAtMs: number })[],
  steps: { readonly step: number; readonly firstMs: number; readonly count: number },
): SalesSeries["data"] {
  const byStep = Map.groupBy(sums, ({ stepAtMs }) => stepAtMs);
  return Array.from({ length: steps.count }, (_, index) => {
    const startsAtMs = steps.firstMs + index * steps.step;
    const here = byStep.get(startsAtMs) ?? [];
    const confirmed = ofKind(here, "order_confirmed");
    return {
      startsAt: toRfc3339(startsAtMs),
      orders: sum(confirmed, ({ count }) => count),
      ticketsSold: sum(confirmed, ({ tickets }) => tickets),
      revenue: moneyOf(confirmed),
      refunds: moneyOf(ofKind(here, "refund")),
    };
  });
}

function ofKind<S extends Sum>(sums: readonly S[], kind: FactKind): S[] {
  return sums.filter((entry) => entry.kind === kind);
}

function sum<S>(entries: readonly S[], of: (entry: S) => number): number {
  return entries.reduce((total, entry) => total + of(entry), 0);
}

/** One sum for each currency in which there was any money, by code. */
function moneyOf(sums: readonly Sum[]): Money[] {
  return [...Map.groupBy(sums, ({ currency }) => currency)]
    .map(([currency, entries]) => ({ amount: sum(entries, ({ amountMinor }) => amountMinor), currency }))
    .filter(({ amount }) => amount !== 0)
    .sort((left, right) => (left.currency < right.currency ? -1 : 1));
}
