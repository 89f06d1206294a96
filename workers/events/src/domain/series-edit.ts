import type { UpdateEvent } from "@foyer/contracts/events/api";
import type { EventWithText } from "./event.ts";
import { expandRecurrence, type RecurrenceInput } from "./recurrence.ts";
import { formatRule, parseRule } from "./rrule-text.ts";
import { anchorOf, type Series, type SeriesTiming, timesOf } from "./series.ts";
import { instantOfWall, parseWall } from "./wall-clock.ts";

/** Fields of a PATCH that say when an event is. A date follows its series in all of them or in none. */
const timeFields: ReadonlySet<string> = new Set(["startsAt", "endsAt", "timezone", "allDay"]);
/** What a PATCH says about itself or about one event alone: an address is one event's, and a password is kept nowhere in clear. */
const never: ReadonlySet<string> = new Set(["confirm", "slug", "password"]);

function fieldsOf(patch: UpdateEvent): string[] {
  return Object.keys(patch).filter((field) => !never.has(field));
}

/** The part of a change that other dates may follow, as it is kept for them. */
export function followable(patch: UpdateEvent): UpdateEvent {
  const fields = new Set(fieldsOf(patch));
  // The keys are those of the change itself, so what comes out is a change with fewer fields.
  return Object.fromEntries(Object.entries(patch).filter(([field]) => fields.has(field))) as UpdateEvent;
}

/** Whether a change touches the times of an event. */
export function touchesTimes(patch: UpdateEvent): boolean {
  return fieldsOf(patch).some((field) => timeFields.has(field));
}

/** What an event has been given for itself, once it was changed alone. An event of no series has nothing to set itself off from. */
export function overridesAfter(
  before: Pick<EventWithText, "overrides" | "seriesId">,
  patch: UpdateEvent,
): readonly string[] {
  if (before.seriesId === null) return before.overrides;
  return [...new Set([...before.overrides, ...fieldsOf(patch)])].sort();
}

/** What is left of an event's own once it is changed together with its series. */
export function overridesWithout(overrides: readonly string[], patch: UpdateEvent): readonly string[] {
  const times = touchesTimes(patch);
  const given = new Set(fieldsOf(patch));
  return overrides.filter((field) => !given.has(field) && !(times && timeFields.has(field)));
}

/** What a date takes over of a series' changes: all but what it was given for itself. Null where nothing is left. */
export interface Following {
  /** Without times. */
  readonly patch: UpdateEvent;
  readonly times: boolean;
}

/** The part of changes, oldest first, that a date with these overrides follows; null where that is nothing. */
export function followed(patches: readonly UpdateEvent[], overrides: readonly string[]): Following | null {
  const merged: UpdateEvent = Object.assign({}, ...patches);
  const own = new Set(overrides);
  const ownTimes = overrides.some((field) => timeFields.has(field));
  const times = touchesTimes(merged) && !ownTimes;
  const kept = fieldsOf(merged).filter((field) => !timeFields.has(field) && !own.has(field));
  if (kept.length === 0 && !times) return null;
  // The keys are those of the change itself, so what comes out is a change with fewer fields.
  const patch = Object.fromEntries(Object.entries(merged).filter(([field]) => kept.includes(field))) as UpdateEvent;
  return { patch, times };
}

/** A date with its series' times. */
export function withSeriesTimes(
  event: EventWithText,
  series: SeriesTiming & Pick<Series, "template">,
  recurrenceId: string,
): EventWithText {
  const { timezone, allDay } = series.template;
  return { ...event, timezone, allDay, ...timesOf(recurrenceId, series, timezone) };
}

/** A series cut in two, before one of its dates. */
export interface SplitSeries {
  readonly earlier: RecurrenceInput;
  readonly later: RecurrenceInput & { readonly startsLocal: string };
}

/**
 * Cuts a series' rule before a date that is not its first: both parts together give what the whole gave. The later part goes on counting from
 * its own first date; where the rule has none left there, its additions are all that it has.
 */
export function splitRecurrence(series: Series, fromRecurrenceId: string): SplitSeries {
  const set = expandRecurrence(series, anchorOf(series));
  const parsed = parseRule(series.rrule);
  if (!set.ok || "fault" in parsed) throw new Error("a stored rule can be expanded");
  const isLater = (id: string): boolean => id >= fromRecurrenceId;
  const { ruleDates } = set.value;
  const exceptions = Map.groupBy(series.exceptions, isLater);
  const additions = Map.groupBy(series.additions, isLater);
  const laterDates = ruleDates.filter(isLater);
  const part = (count: number): string => {
    const parts = new Map(parsed.parts);
    parts.delete("UNTIL");
    parts.set("COUNT", String(count));
    return formatRule(parts);
  };
  const earlier: RecurrenceInput = {
    rrule: part(ruleDates.length - laterDates.length),
    exceptions: exceptions.get(false) ?? [],
    additions: additions.get(false) ?? [],
  };
  const [first] = laterDates;
  const laterAdditions = additions.get(true) ?? [];
  if (first === undefined) {
    const rest = laterAdditions.filter((id) => id !== fromRecurrenceId);
    const later = { rrule: "FREQ=DAILY;COUNT=1", startsLocal: fromRecurrenceId, exceptions: [], additions: rest };
    return { earlier, later };
  }
  return {
    earlier,
    later: {
      rrule: part(laterDates.length),
      startsLocal: first,
      exceptions: exceptions.get(true) ?? [],
      additions: laterAdditions,
    },
  };
}

/** What a calendar needs of a series, in the words of RFC 5545; times by the wall clock are to be written with the zone's TZID. */
export interface RecurrenceFacts {
  readonly rrule: string;
  readonly startsLocal: string;
  readonly exdate: readonly string[];
  readonly rdate: readonly string[];
}

/** A series' rule for calendars: exceptions take in the dates that were called off, and UNTIL is an instant, as section 3.3.10 wants it. */
export function recurrenceFacts(series: Series, exceptedIds: readonly string[]): RecurrenceFacts {
  const { startsLocal, timezone, allDay } = anchorOf(series);
  const rrule = series.rrule.replace(/(?<=UNTIL=)(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d))?(?=;|$)/, (...found) => {
    const [, year, month, day, hour = "23", minute = "59", second = "59"] = found as string[];
    if (allDay) return `${year}${month}${day}`;
    const wallMs = parseWall(`${year}-${month}-${day}T${hour}:${minute}:${second}`) ?? 0;
    return `${new Date(instantOfWall(wallMs, timezone)).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
  });
  const exdate = [...new Set([...series.exceptions, ...exceptedIds])].sort();
  return { rrule, startsLocal, exdate, rdate: series.additions };
}
