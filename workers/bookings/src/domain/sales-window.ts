import { parseSalesOffset, type RelativeMoment } from "@foyer/contracts/bookings/sales-moments";
import type { EventFacts } from "@foyer/contracts/events/rpc";
import { required } from "@foyer/kernel/assert";
import { minuteMs } from "@foyer/kernel/clock";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { isTimeZone } from "@foyer/kernel/time-zones";
import { addCalendarDays } from "./calendar-days.ts";

/** A bound of a sales window: epoch milliseconds, or a moment that moves with the event. */
export type SalesMoment = number | RelativeMoment;

/** What a moment is counted from. */
type Dates = Pick<EventFacts, "startsAtMs" | "endsAtMs" | "timezone">;

/** A ticket type's own window; null is no bound. */
export interface SalesWindow {
  readonly salesStart: SalesMoment | null;
  readonly salesEnd: SalesMoment | null;
}

/** What was resolved last, by the moment itself: a sale is asked thousands of times a second, and its dates change once a month. */
const resolved = new WeakMap<RelativeMoment, { readonly dates: Dates; readonly atMs: number | "unresolved" }>();

/** A moment as an instant, with the event dated like this; `unresolved` while it lacks the date. */
export function resolveMoment(dates: Dates, moment: SalesMoment | null): number | "unresolved" | null {
  if (moment === null || typeof moment === "number") return moment;
  const known = resolved.get(moment);
  if (known?.dates === dates) return known.atMs;
  const atMs = resolve(dates, moment);
  resolved.set(moment, { dates, atMs });
  return atMs;
}

function resolve(dates: Dates, moment: RelativeMoment): number | "unresolved" {
  const anchorMs = moment.of === "start" ? dates.startsAtMs : dates.endsAtMs;
  if (anchorMs === null || !isTimeZone(dates.timezone)) return "unresolved";
  const { days, minutes } = signedOffset(moment);
  return (days === 0 ? anchorMs : addCalendarDays(anchorMs, dates.timezone, days)) + minutes * minuteMs;
}

/** Negative where the moment is before what it is counted from. */
function signedOffset(moment: RelativeMoment): { readonly days: number; readonly minutes: number } {
  const text = "before" in moment ? moment.before : moment.after;
  const { days, minutes } = required(parseSalesOffset(text), `${text} was taken for a duration`);
  const sign = "before" in moment ? -1 : 1;
  return { days: sign * days, minutes: sign * minutes };
}

const minutesPerDay = 1_440;

/** The same where no dates are known yet: a day is taken for 24 hours. */
function nominalMinutes(moment: RelativeMoment): number {
  const { days, minutes } = signedOffset(moment);
  return days * minutesPerDay + minutes;
}

/**
 * Whether anything could be sold in a window; `bookings.sales_window_invalid` where it is empty or reversed as the event is dated now, or would be
 * however it were dated. Where the event moves later and a window becomes so, nothing is sold in it.
 */
export function checkWindow(dates: Dates, window: SalesWindow): Result<null> {
  const { salesStart, salesEnd } = window;
  const opensAtMs = resolveMoment(dates, salesStart);
  const closesAtMs = resolveMoment(dates, salesEnd);
  if (typeof opensAtMs === "number" && typeof closesAtMs === "number") {
    if (closesAtMs <= opensAtMs) return invalid("Sales end before they start.", "salesEndAt", "After salesStartAt");
  } else if (isRelative(salesStart) && isRelative(salesEnd) && salesStart.of === salesEnd.of) {
    const isReversed = nominalMinutes(salesEnd) <= nominalMinutes(salesStart);
    if (isReversed) return invalid("Sales end before they start.", "salesEndAt", "After salesStartAt");
  }
  if (!isRelative(salesStart)) return ok(null);
  const isTooLate =
    salesStart.of === "end"
      ? nominalMinutes(salesStart) >= 0
      : typeof opensAtMs === "number" && dates.endsAtMs !== null && opensAtMs >= dates.endsAtMs;
  return isTooLate ? invalid("Sales start when the event is over.", "salesStartAt", "Before the event ends") : ok(null);
}

function isRelative(moment: SalesMoment | null): moment is RelativeMoment {
  return moment !== null && typeof moment !== "number";
}

/** Whether any bound moves with the event. */
export function isWindowRelative({ salesStart, salesEnd }: SalesWindow): boolean {
  return isRelative(salesStart) || isRelative(salesEnd);
}

/** A bound for the same ticket type at another event: moments of the event stay as they are, instants move with it. */
export function shiftMoment(moment: SalesMoment | null, byMs: number): SalesMoment | null {
  return typeof moment === "number" ? moment + byMs : moment;
}

function invalid(detail: string, path: string, message: string): ReturnType<typeof fail> {
  const code = path === "salesEndAt" ? "too_small" : "too_big";
  return fail("bookings.sales_window_invalid", detail, { errors: [{ path, code, message }] });
}
