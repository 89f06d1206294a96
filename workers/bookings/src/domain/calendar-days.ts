import { dayMs, secondMs } from "@foyer/kernel/clock";
import { toZonedTime } from "@foyer/kernel/time-zones";

/**
 * The instant at which the clocks of a zone show the same time of day so many days later, or earlier where negative. A time that they
 * skip on that day is as much later as they were put forward; of one that they show twice it is the first. So does
 * `Temporal.ZonedDateTime` by default. The zone must have passed `isTimeZone`.
 */
export function addCalendarDays(epochMs: number, timezone: string, days: number): number {
  const wallMs = epochMs + offsetMs(epochMs, timezone) + days * dayMs;
  // The offsets on either side of the day: clocks are changed at most once between.
  const before = wallMs - offsetMs(wallMs - dayMs, timezone);
  const after = wallMs - offsetMs(wallMs + dayMs, timezone);
  const isAfterwards = !shows(before, timezone, wallMs) && shows(after, timezone, wallMs);
  return isAfterwards ? after : before;
}

function shows(epochMs: number, timezone: string, wallMs: number): boolean {
  return epochMs + offsetMs(epochMs, timezone) === wallMs;
}

/** How far a zone's clocks are ahead of UTC at an instant. */
function offsetMs(epochMs: number, timezone: string): number {
  const wholeMs = Math.floor(epochMs / secondMs) * secondMs;
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = toZonedTime(wholeMs, timezone)
    .local.split(/[-T:]/)
    .map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second) - wholeMs;
}
