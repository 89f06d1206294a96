/** Whether a text names an IANA time zone that this runtime knows. Offsets (`+02:00`) are not zones and are refused. */
export function isTimeZone(name: string): boolean {
  if (name.length > 64 || !/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false; // RangeError is how Intl says that a zone is unknown (ECMA-402)
  }
}

/** A moment as the API returns it: the instant, and the wall clock at the event. */
export interface ZonedTime {
  /** RFC 3339 in UTC. */
  readonly utc: string;
  /** Wall-clock time without offset, `2026-11-23T20:00:00`. */
  readonly local: string;
  readonly timezone: string;
}

const formatters = new Map<string, Intl.DateTimeFormat>();
const formattersMax = 600; // more than there are zones

function formatterFor(timezone: string): Intl.DateTimeFormat {
  let formatter = formatters.get(timezone);
  if (formatter === undefined) {
    if (formatters.size >= formattersMax) formatters.clear();
    formatter = new Intl.DateTimeFormat("sv-SE", {
      timeZone: timezone,
      dateStyle: "short",
      timeStyle: "medium",
    });
    formatters.set(timezone, formatter);
  }
  return formatter;
}

const zonedTimes = new Map<string, ZonedTime>();
const zonedTimesMax = 10_000;

/** The wall clock in a zone at an instant. The zone must have passed {@link isTimeZone}. */
export function toZonedTime(epochMs: number, timezone: string): ZonedTime {
  // Formatting costs microseconds, and a list formats the same forty times at every request: what was computed is kept.
  const key = `${epochMs} ${timezone}`;
  let zoned = zonedTimes.get(key);
  if (zoned === undefined) {
    // Sweden writes dates as ISO 8601 does, so no reassembling of parts is needed.
    const local = formatterFor(timezone).format(epochMs).replace(" ", "T");
    zoned = { utc: new Date(epochMs).toISOString(), local, timezone };
    if (zonedTimes.size >= zonedTimesMax) zonedTimes.clear();
    zonedTimes.set(key, zoned);
  }
  return zoned;
}
