import type { EventTime } from "@foyer/contracts/events/times";
import type { FieldFault } from "@foyer/kernel/result";
import { addDays, dateOf, daysBetween, resolveTime, type TimeFrame, type TimeRole } from "./local-time.ts";
import { timeFaults } from "./publishing.ts";

/** When an event is. Times are epoch milliseconds. */
export interface EventTimes extends TimeFrame {
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
}

/** What is said of an event's times; what is left out stays, null takes away. */
export interface TimesInput {
  readonly startsAt?: EventTime | null | undefined;
  readonly endsAt?: EventTime | null | undefined;
  readonly timezone?: string | undefined;
  readonly allDay?: boolean | undefined;
}

/** Times of an event of which nothing is known yet. */
export const noTimes: EventTimes = { startsAtMs: null, endsAtMs: null, timezone: "UTC", allDay: false };

/**
 * An event's times after a change. What is given is read in the zone that the event has then. What is not given stays: the instant of an event
 * with hours, the days of an all-day event, also in another zone; and an event that becomes an all-day event lasts the days that it touched.
 */
export function changeTimes(
  before: EventTimes,
  input: TimesInput,
): { readonly ok: true; readonly value: EventTimes } | { readonly ok: false; readonly errors: readonly FieldFault[] } {
  const frame: TimeFrame = {
    timezone: input.timezone ?? before.timezone,
    allDay: input.allDay ?? before.allDay,
  };
  const errors: FieldFault[] = [];
  // An all-day event in another zone has its days there; one that has just become such has those that it touched.
  const movesDays = frame.allDay && (!before.allDay || before.timezone !== frame.timezone);
  const kept = (oldMs: number | null, role: TimeRole): EventTime | null =>
    oldMs === null ? null : dateOf(oldMs, before.timezone, role);
  const read = (given: EventTime | null | undefined, oldMs: number | null, role: TimeRole): number | null => {
    if (given === undefined && !movesDays) return oldMs;
    const input = given === undefined ? kept(oldMs, role) : given;
    if (input === null) return null;
    const resolved = resolveTime(input, frame, role);
    if (resolved.ok) return resolved.value;
    errors.push(resolved.error);
    return null;
  };
  const startsAtMs = read(input.startsAt, before.startsAtMs, "startsAt");
  const endsAtMs = read(input.endsAt, before.endsAtMs, "endsAt");
  if (errors.length === 0) errors.push(...timeFaults(startsAtMs, endsAtMs));
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: { ...frame, startsAtMs, endsAtMs } };
}

/** When an event is over that lasts as long as another and starts at a moment of its own: as many days, or as many hours. */
export function sameLengthEndMs(original: EventTimes, startsAtMs: number): number | null {
  const { startsAtMs: oldStartMs, endsAtMs: oldEndMs, timezone, allDay } = original;
  if (oldStartMs === null || oldEndMs === null) return null;
  if (!allDay) return startsAtMs + oldEndMs - oldStartMs;
  const days = daysBetween(dateOf(oldStartMs, timezone, "startsAt"), dateOf(oldEndMs, timezone, "endsAt"));
  const lastDay = addDays(dateOf(startsAtMs, timezone, "startsAt"), days);
  const end = resolveTime(lastDay, original, "endsAt");
  return end.ok ? end.value : null;
}
