import type { Disambiguation, EventTime } from "@foyer/contracts/events/times";
import { toRfc3339 } from "@foyer/kernel/clock";
import type { FieldFault } from "@foyer/kernel/result";
import { Temporal } from "temporal-polyfill";

/** A wall-clock time in a zone as epoch milliseconds: both instants that it may mean, which are one for all but a few hours a year. */
export interface WallClockReading {
  /** `skipped`: the zone's clocks jump over it. `repeated`: they show it twice. */
  readonly kind: "plain" | "skipped" | "repeated";
  readonly earlierMs: number;
  readonly laterMs: number;
}

/** An instant, or what is wrong with the text that was to give one. */
export type Resolved<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: FieldFault };

/** What an event's times are read with. */
export interface TimeFrame {
  /** IANA, as given. */
  readonly timezone: string;
  readonly allDay: boolean;
}

export type TimeRole = "startsAt" | "endsAt";

/**
 * Reads a wall clock in a zone. A skipped time means, by the offset after the gap, an instant before it (`earlier`), or by the offset
 * before the gap one after it (`later`), as in RFC 5545 section 3.3.5 and ECMA-262's Temporal.
 */
export function readWallClock(local: string, timezone: string): WallClockReading {
  const wall = Temporal.PlainDateTime.from(local);
  const earlier = wall.toZonedDateTime(timezone, { disambiguation: "earlier" });
  const later = wall.toZonedDateTime(timezone, { disambiguation: "later" });
  const [earlierMs, laterMs] = [earlier.epochMilliseconds, later.epochMilliseconds];
  if (earlierMs === laterMs) return { kind: "plain", earlierMs, laterMs };
  return { kind: earlier.toPlainDateTime().equals(wall) ? "repeated" : "skipped", earlierMs, laterMs };
}

/**
 * The instant of a wall-clock time (`2026-03-29T02:30`, no offset) in a zone, epoch milliseconds. With `reject`, one that is skipped or repeated is at
 * fault: `time.skipped`, `time.repeated`, with both instants in the message.
 */
export function toInstant(
  local: string,
  timezone: string,
  disambiguation: Disambiguation | "reject",
  path: string,
): Resolved<number> {
  const { kind, earlierMs, laterMs } = readWallClock(local, timezone);
  if (kind === "plain" || disambiguation === "earlier") return { ok: true, value: earlierMs };
  if (disambiguation === "later") return { ok: true, value: laterMs };
  const says = kind === "skipped" ? `${timezone} skips ${local}` : `${timezone} has ${local} twice`;
  const message = `${says}; earlier is ${toRfc3339(earlierMs)}, later is ${toRfc3339(laterMs)}: say which as disambiguation`;
  return { ok: false, error: { path, code: `time.${kind}`, message } };
}

/** The day's first instant in a zone, which is not midnight where the clocks jump over it; null where the zone skips the whole day. */
function startOfDayMs(date: Temporal.PlainDate, timezone: string): number | null {
  const start = date.toZonedDateTime(timezone);
  return start.toPlainDate().equals(date) ? start.epochMilliseconds : null;
}

/** A day of an all-day event: its first instant as a start, as an end the first instant after it. */
function resolveDate(date: string, timezone: string, role: TimeRole): Resolved<number> {
  const day = Temporal.PlainDate.from(date);
  const startMs = startOfDayMs(day, timezone);
  if (startMs === null)
    return {
      ok: false,
      error: { path: role, code: "time.skipped", message: `${timezone} skips the whole of ${date}` },
    };
  if (role === "startsAt") return { ok: true, value: startMs };
  // Where the day after is skipped, its start is that of the next one, and so is this day's end.
  return { ok: true, value: day.add({ days: 1 }).toZonedDateTime(timezone).epochMilliseconds };
}

/**
 * What a start or end means at its event. An all-day event takes dates and nothing else, others take no date: `time.date_required`,
 * `time.date_unexpected`, and as {@link toInstant}.
 */
export function resolveTime(input: EventTime, { timezone, allDay }: TimeFrame, role: TimeRole): Resolved<number> {
  const isDate = typeof input === "string" && /^\d{4}-\d{2}-\d{2}$/.test(input);
  if (allDay) {
    if (isDate) return resolveDate(input, timezone, role);
    return { ok: false, error: { path: role, code: "time.date_required", message: "An all-day event takes dates" } };
  }
  if (isDate) {
    const message = "Only an all-day event takes a date without a time";
    return { ok: false, error: { path: role, code: "time.date_unexpected", message } };
  }
  if (typeof input === "string") return { ok: true, value: Date.parse(input) };
  return toInstant(input.local, timezone, input.disambiguation ?? "reject", role);
}

/** The day that a time of an all-day event stands for: an end's is the last one that it includes. */
export function dateOf(epochMs: number, timezone: string, role: TimeRole): string {
  // A day is never shorter than this, and what ends at a midnight ended with the day before.
  const insideMs = role === "endsAt" ? epochMs - 1 : epochMs;
  return Temporal.Instant.fromEpochMilliseconds(insideMs).toZonedDateTimeISO(timezone).toPlainDate().toString();
}

/** A number of days after a date. */
export function addDays(date: string, days: number): string {
  return Temporal.PlainDate.from(date).add({ days }).toString();
}

/** Days from one date to another. */
export function daysBetween(from: string, to: string): number {
  return Temporal.PlainDate.from(from).until(Temporal.PlainDate.from(to), { largestUnit: "days" }).days;
}
