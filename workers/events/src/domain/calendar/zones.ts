import { dayMs, minuteMs, secondMs } from "@foyer/kernel/clock";

/** A stretch of time in which a zone keeps one offset from UTC, by the moment it begins. All in milliseconds. */
export interface Observance {
  readonly beginsAtMs: number;
  readonly offsetBeforeMs: number;
  readonly offsetMs: number;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
const formattersMax = 600; // more than there are zones

/** How far ahead of UTC a zone's clocks are at an instant, in milliseconds. */
export function offsetAt(timezone: string, epochMs: number): number {
  let formatter = formatters.get(timezone);
  if (formatter === undefined) {
    if (formatters.size >= formattersMax) formatters.clear();
    // Sweden writes dates as ISO 8601 does.
    formatter = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "medium" });
    formatters.set(timezone, formatter);
  }
  const wholeSecondMs = Math.floor(epochMs / secondMs) * secondMs;
  return Date.parse(`${formatter.format(wholeSecondMs).replace(" ", "T")}Z`) - wholeSecondMs;
}

/** How far back a change of offset is looked for: zones that change do so every year. */
const lookBackMs = 400 * dayMs;
/** Shorter than a zone ever kept an offset in this century; Morocco's month of fasting is the shortest. */
const stepMs = 14 * dayMs;

/** The last change of a zone's offset in a stretch of time, or null where there is none. */
function lastChange(timezone: string, afterMs: number, upToMs: number): Observance | null {
  let lateMs = upToMs;
  const offsetMs = offsetAt(timezone, upToMs);
  while (lateMs > afterMs) {
    let earlyMs = Math.max(afterMs, lateMs - stepMs);
    const offsetBeforeMs = offsetAt(timezone, earlyMs);
    if (offsetBeforeMs !== offsetMs) {
      // Zones change at whole minutes; the halves close in on it.
      while (lateMs - earlyMs > secondMs) {
        const middleMs = Math.floor((earlyMs + lateMs) / 2);
        if (offsetAt(timezone, middleMs) === offsetMs) lateMs = middleMs;
        else earlyMs = middleMs;
      }
      const beginsAtMs = Math.round(lateMs / minuteMs) * minuteMs;
      return { beginsAtMs, offsetBeforeMs: offsetAt(timezone, beginsAtMs - secondMs), offsetMs };
    }
    lateMs = earlyMs;
  }
  return null;
}

/**
 * What a reader must know of a zone to tell these instants from their wall clocks: for each the change that it follows, or, where there was none
 * for long, the offset itself. In order; each once.
 */
export function observancesFor(timezone: string, instantsMs: readonly number[]): Observance[] {
  const known: Observance[] = [];
  let passedMs = Number.NEGATIVE_INFINITY;
  for (const instantMs of [...new Set(instantsMs)].sort((left, right) => left - right)) {
    const change = lastChange(timezone, Math.max(passedMs, instantMs - lookBackMs), instantMs);
    passedMs = instantMs;
    const current = known.at(-1);
    if (change !== null) known.push(change);
    else {
      const offsetMs = offsetAt(timezone, instantMs);
      if (current?.offsetMs === offsetMs) continue;
      const beginsAtMs = Math.floor((instantMs - lookBackMs) / dayMs) * dayMs;
      known.push({
        beginsAtMs: Math.max(beginsAtMs, (current?.beginsAtMs ?? beginsAtMs) + dayMs),
        offsetBeforeMs: offsetMs,
        offsetMs,
      });
    }
  }
  return known;
}

/**
 * Whether clocks show the time of this instant twice, because they are put back. RFC 5545 (section 3.3.5) takes such a wall clock for the
 * first of the two, but not every reader does, so both are better told in UTC.
 */
export function isAmbiguous(timezone: string, instantMs: number): boolean {
  const localMs = instantMs + offsetAt(timezone, instantMs);
  return [instantMs - dayMs / 2, instantMs + dayMs / 2].some((nearbyMs) => {
    const offsetMs = offsetAt(timezone, nearbyMs);
    const otherMs = localMs - offsetMs;
    return otherMs !== instantMs && offsetAt(timezone, otherMs) === offsetMs;
  });
}

/** Lines of a zone's component (RFC 5545 section 3.6.5): each change is written out, so that no rule must be guessed. */
export function zoneLines(timezone: string, observances: readonly Observance[]): string[] {
  return [
    "BEGIN:VTIMEZONE",
    `TZID:${timezone}`,
    ...observances.flatMap(({ beginsAtMs, offsetBeforeMs, offsetMs }) => {
      const kind = offsetMs > offsetBeforeMs ? "DAYLIGHT" : "STANDARD";
      return [
        `BEGIN:${kind}`,
        `DTSTART:${wallClock(beginsAtMs + offsetBeforeMs)}`,
        `TZOFFSETFROM:${offsetText(offsetBeforeMs)}`,
        `TZOFFSETTO:${offsetText(offsetMs)}`,
        `END:${kind}`,
      ];
    }),
    "END:VTIMEZONE",
  ];
}

/** The basic form of a date and time, `20261123T200000`, of what ISO 8601 would write of this instant. */
export function wallClock(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19).replace(/[-:]/g, "");
}

function offsetText(offsetMs: number): string {
  const digits = new Date(Math.abs(offsetMs)).toISOString().slice(11, 19).replaceAll(":", "");
  return `${offsetMs < 0 ? "-" : "+"}${digits.endsWith("00") ? digits.slice(0, 4) : digits}`;
}
