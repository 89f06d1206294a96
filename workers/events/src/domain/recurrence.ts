import { required } from "@foyer/kernel/assert";
import { dayMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { type Failure, type FieldFault, fail, ok, type Result } from "@foyer/kernel/result";
import { RRuleTemporal } from "rrule-temporal";
import { formatRule, parseRule, type RuleParts, ruleFault } from "./rrule-text.ts";
import { formatWall, instantOfWall, parseWall, type WallMs } from "./wall-clock.ts";

/** What a rule counts from. */
export interface Anchor {
  /** Recurrence id of the first date: a wall-clock time, or a date where the events last whole days. */
  readonly startsLocal: string;
  readonly timezone: string;
  readonly allDay: boolean;
}

/** What was asked for: a rule, and wall-clock times or dates that it is to do without or to have besides. */
export interface RecurrenceInput {
  readonly rrule: string;
  readonly exceptions: readonly string[];
  readonly additions: readonly string[];
}

/** A set of dates (RFC 5545 section 3.8.5), all by recurrence id and in order. */
export interface RecurrenceSet extends RecurrenceInput {
  /** What takes place: the rule's dates and the additions, without the exceptions. */
  readonly dates: readonly string[];
  /** All that the rule gives. */
  readonly ruleDates: readonly string[];
}

const timeOfDayMs = (wallMs: WallMs): number => ((wallMs % dayMs) + dayMs) % dayMs;

/**
 * Every date of a set, in wall-clock time: the rule is expanded as the clocks at the event show it, whatever their offset. Fails with
 * `request.invalid` and what is wrong with which field, or `events.too_many_occurrences`; how much is looked at is limited, so that a rule which
 * matches hardly ever, or never, ends in `events.rule_matches_nothing`.
 */
export function expandRecurrence(input: RecurrenceInput, anchor: Anchor): Result<RecurrenceSet> {
  const parsed = parseRule(input.rrule);
  if ("fault" in parsed) return invalid([parsed.fault]);
  const { parts } = parsed;
  const expanded = expandRule(parts, anchor);
  if (!expanded.ok) return expanded;
  const ruleDates = expanded.value;
  if (ruleDates[0] !== anchor.startsLocal)
    return invalid([ruleFault("events.start_not_in_rule", "The rule's first date has to be the start of the series")]);

  const startMs = required(parseWall(anchor.startsLocal), "a series starts at a time that there is");
  const additions = readTimes("additions", input.additions, anchor, (day) => [day + timeOfDayMs(startMs)]);
  const known = [...new Set([...ruleDates, ...(additions.ok ? additions.value : [])])];
  const byDay = Map.groupBy(
    known.map((id) => required(parseWall(id), "a date of the rule exists")),
    (wallMs) => wallMs - timeOfDayMs(wallMs),
  );
  const exceptions = readTimes("exceptions", input.exceptions, anchor, (day) => byDay.get(day) ?? []);
  if (!additions.ok || !exceptions.ok)
    return invalid([...(additions.ok ? [] : additions.errors), ...(exceptions.ok ? [] : exceptions.errors)]);

  const inRule = new Set(ruleDates);
  const out = new Set(exceptions.value);
  const dates = known.filter((id) => !out.has(id)).sort();
  if (dates.length > limits.occurrencesPerSeriesMax) return tooMany(dates.length);
  return ok({
    rrule: formatRule(parts),
    exceptions: known.filter((id) => out.has(id)).sort(),
    additions: additions.value.filter((id) => !inRule.has(id)).sort(),
    dates,
    ruleDates,
  });
}

/** What the rule alone gives, in order. */
function expandRule(parts: RuleParts, anchor: Anchor): Result<readonly string[]> {
  const { startsLocal, timezone, allDay } = anchor;
  const misfit = allDay && ["BYHOUR", "BYMINUTE", "BYSECOND"].find((name) => parts.has(name));
  if (misfit) return invalid([ruleFault("events.rule_invalid", `${misfit} is not for events that last whole days`)]);
  const until = untilOf(parts.get("UNTIL"), timezone);
  if (until === "unreadable") return invalid([ruleFault("events.rule_invalid", "UNTIL is no time that there is")]);

  const startMs = required(parseWall(startsLocal), "a series starts at a time that there is");
  const bounded = new Map(parts);
  if (until !== null) bounded.set("UNTIL", compact(until.wallMs));
  // Exceptions come off later, so more may be looked at than may remain.
  const countMax = 2 * limits.occurrencesPerSeriesMax + 1;
  const found: WallMs[] = [];
  try {
    // The library is told that the clocks are UTC's: it then counts in plain wall-clock time.
    const rule = new RRuleTemporal({
      rruleString: `DTSTART:${compact(startMs)}\nRRULE:${formatRule(bounded)}`,
      strict: true,
      maxIterations: limits.rulePeriodsMax,
      maxCandidateEvaluations: limits.ruleCandidatesMax,
    });
    for (const date of rule.all((_, index) => index < countMax)) found.push(date.epochMilliseconds);
  } catch (thrown) {
    const endless = thrown instanceof Error && thrown.message.startsWith("Maximum ");
    return invalid([
      endless
        ? ruleFault("events.rule_matches_nothing", "The rule matches hardly any date, or none")
        : ruleFault("events.rule_invalid", "The parts of the rule do not fit together"),
    ]);
  }
  const dates = until === null ? found : found.filter((wallMs) => until.includes(wallMs));
  if (dates.length >= countMax) return tooMany(Math.max(dates.length, Number(parts.get("COUNT") ?? 0)));
  const last = dates.at(-1);
  if (last !== undefined && last >= Date.UTC(limits.occurrenceYearMax + 1, 0))
    return invalid([ruleFault("events.rule_invalid", `The rule goes beyond the year ${limits.occurrenceYearMax}`)]);
  return ok(dates.map((wallMs) => formatWall(wallMs, allDay)));
}

interface Until {
  /** Not before the last date that may be meant. */
  readonly wallMs: WallMs;
  readonly includes: (wallMs: WallMs) => boolean;
}

/** An UNTIL is an instant, a wall-clock time or a whole day, and what falls on it is in. */
function untilOf(text: string | undefined, timezone: string): Until | null | "unreadable" {
  if (text === undefined) return null;
  const wallMs = parseWall(text.replace(/^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)Z?)?$/, spread));
  if (wallMs === null) return "unreadable";
  if (text.length === 8) return { wallMs: wallMs + dayMs - 1000, includes: () => true };
  if (!text.endsWith("Z")) return { wallMs, includes: () => true };
  // No zone is further than a day from UTC, and only the instants themselves tell on which side of a change of the clocks a date lies.
  return { wallMs: wallMs + 2 * dayMs, includes: (date: WallMs) => instantOfWall(date, timezone) <= wallMs };
}

function spread(_: string, year: string, month: string, day: string, hour?: string, minute?: string, second?: string) {
  return hour === undefined ? `${year}-${month}-${day}` : `${year}-${month}-${day}T${hour}:${minute}:${second}`;
}

/** `20270111T200000Z`, as RFC 5545 writes times in UTC. */
function compact(wallMs: WallMs): string {
  return `${new Date(wallMs).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
}

type Times =
  | { readonly ok: true; readonly value: readonly string[] }
  | { readonly ok: false; readonly errors: readonly FieldFault[] };

/** Reads a list of wall-clock times and dates; `ofDay` says what a date alone stands for where the events have hours. */
function readTimes(
  field: "exceptions" | "additions",
  texts: readonly string[],
  { allDay }: Anchor,
  ofDay: (day: WallMs) => readonly WallMs[],
): Times {
  const errors: FieldFault[] = [];
  const times = new Set<string>();
  texts.forEach((text, index) => {
    const path = `${field}.${index}`;
    const isDate = text.length === 10;
    const wallMs = parseWall(text);
    if (wallMs === null) errors.push({ path, code: "events.no_such_time", message: "No calendar has this" });
    else if (allDay && !isDate)
      errors.push({ path, code: "events.date_required", message: "The events last whole days: give a date" });
    else if (allDay || !isDate) times.add(formatWall(wallMs, allDay));
    else for (const time of ofDay(wallMs)) times.add(formatWall(time, false));
  });
  return errors.length > 0 ? { ok: false, errors } : { ok: true, value: [...times] };
}

function invalid(errors: readonly FieldFault[]): { readonly ok: false; readonly error: Failure } {
  return fail("request.invalid", "Some fields are not valid; see errors.", { errors });
}

function tooMany(count: number): { readonly ok: false; readonly error: Failure } {
  const max = limits.occurrencesPerSeriesMax;
  const message = `A series has at most ${max} dates`;
  const errors = [{ path: "rrule", code: "events.too_many_occurrences", message }];
  return fail("events.too_many_occurrences", `${message}.`, { errors, extra: { count, max } });
}
