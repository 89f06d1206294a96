import { isTimeZone } from "@foyer/kernel/time-zones";

/**
 * When an event is, by the clock at the event: `Monday, November 23, 2026 at 8:00 PM – 10:00 PM GMT+1`. The end is left out
 * where it is not known; an end on another day is written in full.
 */
export function formatEventTime(event: {
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
  readonly timezone: string;
}): string {
  if (event.startsAtMs === null) return "Date to be announced";
  const timeZone = isTimeZone(event.timezone) ? event.timezone : "UTC";
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    weekday: "long",
    year: "numeric",
    month: "long",
    day: "numeric",
    hour: "numeric",
    minute: "2-digit",
    timeZoneName: "short",
  });
  const text =
    event.endsAtMs === null || event.endsAtMs <= event.startsAtMs
      ? format.format(event.startsAtMs)
      : format.formatRange(event.startsAtMs, event.endsAtMs);
  // Intl sets narrow and thin spaces, which some mail programs show as boxes.
  return text.replace(/[\u2009\u202f\u00a0]/g, " ");
}
