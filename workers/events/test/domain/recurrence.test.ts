import { limits } from "@foyer/kernel/limits";
import { toZonedTime } from "@foyer/kernel/time-zones";
import fc from "fast-check";
import { RRule } from "rrule";
import { describe, expect, test } from "vitest";
import { type Anchor, expandRecurrence, type RecurrenceInput } from "../../src/domain/recurrence.ts";
import { formatWall, instantOfWall, parseWall, wallOfInstant } from "../../src/domain/wall-clock.ts";

const berlin: Anchor = { startsLocal: "2027-01-04T20:00:00", timezone: "Europe/Berlin", allDay: false };

function expand(rule: string, more: Partial<RecurrenceInput> = {}, anchor = berlin) {
  return expandRecurrence({ rrule: rule, exceptions: [], additions: [], ...more }, anchor);
}
function datesOf(rule: string, more: Partial<RecurrenceInput> = {}, anchor = berlin): readonly string[] {
  const result = expand(rule, more, anchor);
  if (!result.ok) throw new Error(`${result.error.code}: ${JSON.stringify(result.error.errors)}`);
  return result.value.dates;
}
function faultsOf(rule: string, more: Partial<RecurrenceInput> = {}, anchor = berlin): string[] {
  const result = expand(rule, more, anchor);
  if (result.ok) return ["taken"];
  return result.error.errors?.map(({ path, code }) => `${path}: ${code}`) ?? [result.error.code];
}

/** Zones that change their clocks by an hour, by half an hour, at midnight, never, and with a whole day left out. */
const zones = [
  "Europe/Berlin",
  "America/New_York",
  "Australia/Lord_Howe",
  "America/Santiago",
  "Africa/Cairo",
  "Asia/Tokyo",
  "Pacific/Apia",
  "UTC",
] as const;

const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
const some = <T>(values: readonly T[], maxLength = 3) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength });
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** Rules as people write them: a frequency, and parts that RFC 5545 lets stand beside it. */
const rules = fc
  .record({
    freq: fc.constantFrom("DAILY", "WEEKLY", "MONTHLY", "YEARLY"),
    interval: fc.integer({ min: 1, max: 5 }),
    count: fc.integer({ min: 1, max: 20 }),
    byDay: fc.option(some(weekdays)),
    ordinal: fc.option(fc.constantFrom(-2, -1, 1, 2, 3)),
    byMonth: fc.option(some(range(1, 12))),
    byMonthDay: fc.option(some([...range(1, 31), -1, -2, -7])),
    // In order, because the other library counts BYSETPOS through hours as they are written.
    byHour: fc.option(some(range(0, 23)).map((hours) => hours.sort((left, right) => left - right))),
    setPosition: fc.option(fc.constantFrom(-1, 1, 2)),
    weekStart: fc.option(fc.constantFrom("MO", "SU")),
  })
  .map(({ freq, interval, count, byDay, ordinal, byMonth, byMonthDay, byHour, setPosition, weekStart }) => {
    const wide = freq === "MONTHLY" || freq === "YEARLY";
    const parts = [`FREQ=${freq}`, `INTERVAL=${interval}`, `COUNT=${count}`];
    if (byDay !== null && byMonthDay === null) {
      const prefix = wide && ordinal !== null && setPosition === null ? String(ordinal) : "";
      parts.push(`BYDAY=${byDay.map((day) => `${prefix}${day}`).join(",")}`);
    }
    if (byMonth !== null) parts.push(`BYMONTH=${byMonth.join(",")}`);
    if (byMonthDay !== null && freq !== "WEEKLY") parts.push(`BYMONTHDAY=${byMonthDay.join(",")}`);
    if (byHour !== null) parts.push(`BYHOUR=${byHour.join(",")}`);
    if (setPosition !== null && wide && (byDay !== null || byMonthDay !== null)) parts.push(`BYSETPOS=${setPosition}`);
    if (weekStart !== null) parts.push(`WKST=${weekStart}`);
    return parts.join(";");
  });

/** The same rule by the other library, which counts in plain wall-clock time by itself. */
function otherDates(rule: string, startsLocal: string): string[] {
  const options = RRule.parseString(rule);
  const start = parseWall(startsLocal) ?? 0;
  const found: string[] = [];
  new RRule({ ...options, dtstart: new Date(start), until: new Date(Date.UTC(2045, 0)) }).all((date) => {
    found.push(formatWall(date.getTime(), false));
    return true;
  });
  return found;
}

describe("against another implementation", () => {
  test("random rules give the same dates, exceptions taken off and additions put in", () => {
    let compared = 0;
    fc.assert(
      fc.property(
        rules,
        fc.constantFrom(...zones),
        fc.date({ min: new Date("2026-01-01"), max: new Date("2030-01-01"), noInvalidDate: true }),
        fc.array(fc.nat(19), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 900 }), { maxLength: 5 }),
        (rule, timezone, from, exceptAt, addDays) => {
          const [startsLocal] = otherDates(
            rule.replace(/COUNT=\d+/, "COUNT=1"),
            `${from.toISOString().slice(0, 14)}00:00`,
          );
          if (startsLocal === undefined) return;
          const anchor: Anchor = { startsLocal, timezone, allDay: false };
          const given = otherDates(rule, startsLocal);
          if (given.length < Number(/COUNT=(\d+)/.exec(rule)?.[1])) return; // ran past the oracle's horizon
          const startMs = parseWall(startsLocal) ?? 0;
          const additions = addDays.map((days) => formatWall(startMs + days * 86_400_000 + 60_000, false));
          const exceptions = exceptAt.flatMap((index) => given[index] ?? []);
          const expected = [...new Set([...given, ...additions])].filter((id) => !exceptions.includes(id)).sort();
          expect(datesOf(rule, { exceptions, additions }, anchor)).toEqual(expected);
          compared += 1;
        },
      ),
      { numRuns: 150, seed: 20_260_301 },
    );
    expect(compared).toBeGreaterThan(75);
  });

  test("a rule that ends at an instant ends at the same one in every zone", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2027, 0), max: Date.UTC(2029, 0) }).map((ms) => ms - (ms % 1000)),
        fc.nat({ max: 400 * 24 * 3_600_000 }),
        fc.constantFrom("FREQ=DAILY", "FREQ=WEEKLY;INTERVAL=2", "FREQ=MONTHLY"),
        (timezone, startMs, forMs, rule) => {
          const wall = wallOfInstant(startMs, timezone);
          const firstMs = instantOfWall(wall, timezone);
          const untilMs = firstMs + forMs - (forMs % 1000);
          const until = `${new Date(untilMs).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
          const anchor: Anchor = { startsLocal: formatWall(wall, false), timezone, allDay: false };
          const expected = otherDates(`${rule};COUNT=450`, anchor.startsLocal).filter(
            (id) => instantOfWall(parseWall(id) ?? 0, timezone) <= untilMs,
          );
          expect(datesOf(`${rule};UNTIL=${until}`, {}, anchor)).toEqual(expected);
        },
      ),
      { numRuns: 100, seed: 7 },
    );
  });
});

describe("wall-clock time", () => {
  test.each([
    ["plain", "2027-01-11T20:00:00", "Europe/Berlin", "2027-01-11T19:00:00.000Z"],
    ["skipped: the offset before the gap", "2027-03-28T02:30:00", "Europe/Berlin", "2027-03-28T01:30:00.000Z"],
    ["repeated: the first", "2027-10-31T02:30:00", "Europe/Berlin", "2027-10-31T00:30:00.000Z"],
    ["skipped by half an hour", "2027-10-03T02:15:00", "Australia/Lord_Howe", "2027-10-02T15:45:00.000Z"],
    ["a midnight that is skipped", "2027-09-05T00:00:00", "America/Santiago", "2027-09-05T04:00:00.000Z"],
    ["before the epoch", "1969-12-31T12:00:00", "America/New_York", "1969-12-31T17:00:00.000Z"],
  ])("%s", (_what, local, timezone, utc) => {
    expect(new Date(instantOfWall(parseWall(local) ?? 0, timezone)).toISOString()).toBe(utc);
  });

  test("what the clocks show comes back as the same clock face, unless no clock ever shows it", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: Date.UTC(2020, 0), max: Date.UTC(2035, 0) }),
        (timezone, epochMs) => {
          const wall = wallOfInstant(epochMs, timezone);
          expect(formatWall(wall, false)).toBe(toZonedTime(epochMs, timezone).local);
          expect(wallOfInstant(instantOfWall(wall, timezone), timezone)).toBe(wall);
          expect(instantOfWall(wall, timezone)).toBeLessThanOrEqual(epochMs);
        },
      ),
      { numRuns: 500, seed: 11 },
    );
  });

  test.each([
    "2027-02-29",
    "2027-13-01",
    "2027-01-01T24:00",
    "2027-01-01T10:60",
    "2027-01-01T10:00:60",
    "nonsense",
    "",
  ])("%j is no time", (text) => expect(parseWall(text)).toBeNull());
});

describe("a set of dates", () => {
  test("days without a time take out the day, or add it at the series' own time", () => {
    expect(datesOf("FREQ=DAILY;COUNT=4", { exceptions: ["2027-01-05"], additions: ["2027-02-01"] })).toEqual([
      "2027-01-04T20:00:00",
      "2027-01-06T20:00:00",
      "2027-01-07T20:00:00",
      "2027-02-01T20:00:00",
    ]);
    expect(datesOf("FREQ=DAILY;BYHOUR=15,20;COUNT=4", { exceptions: ["2027-01-05"] })).toEqual([
      "2027-01-04T20:00:00",
      "2027-01-06T15:00:00",
    ]);
  });

  test("what is kept of exceptions and additions is what makes a difference, in order and once", () => {
    const set = expand("RRULE:freq=daily;count=3", {
      exceptions: ["2030-01-01", "2027-01-06T20:00", "2027-01-06"],
      additions: ["2027-01-05T20:00:00", "2027-03-01T09:00", "2027-02-01T09:00:00", "2027-02-01T09:00"],
    });
    expect(set).toMatchObject({
      ok: true,
      value: {
        rrule: "FREQ=DAILY;COUNT=3",
        exceptions: ["2027-01-06T20:00:00"],
        additions: ["2027-02-01T09:00:00", "2027-03-01T09:00:00"],
      },
    });
  });

  test("whole days are dates, across changes of the clocks", () => {
    const anchor: Anchor = { startsLocal: "2027-03-27", timezone: "Europe/Berlin", allDay: true };
    expect(datesOf("FREQ=DAILY;UNTIL=20270330", { exceptions: ["2027-03-29"] }, anchor)).toEqual([
      "2027-03-27",
      "2027-03-28",
      "2027-03-30",
    ]);
    expect(faultsOf("FREQ=DAILY;BYHOUR=3;COUNT=2", {}, anchor)).toEqual(["rrule: events.rule_invalid"]);
    expect(faultsOf("FREQ=DAILY;COUNT=2", { additions: ["2027-04-01T10:00"] }, anchor)).toEqual([
      "additions.0: events.date_required",
    ]);
  });

  test("UNTIL takes in what falls on it: a day, a wall-clock time, an instant", () => {
    for (const until of ["20270106", "20270106T200000", "20270106T190000Z"])
      expect(datesOf(`FREQ=DAILY;UNTIL=${until}`)).toHaveLength(3);
    for (const until of ["20270105", "20270106T195959", "20270106T185959Z"])
      expect(datesOf(`FREQ=DAILY;UNTIL=${until}`)).toHaveLength(2);
  });
});

describe("limits", () => {
  const max = limits.occurrencesPerSeriesMax;

  test.each([max - 1, max])("%i dates are taken", (count) => {
    expect(datesOf(`FREQ=DAILY;COUNT=${count}`)).toHaveLength(count);
  });

  test("one more is refused, with the count; exceptions make room", () => {
    expect(expand(`FREQ=DAILY;COUNT=${max + 1}`)).toMatchObject({
      error: { code: "events.too_many_occurrences", extra: { count: max + 1, max } },
    });
    expect(expand(`FREQ=DAILY;COUNT=${max}`, { additions: ["2027-01-04T10:00"] })).toMatchObject({
      error: { code: "events.too_many_occurrences", extra: { count: max + 1, max } },
    });
    expect(datesOf(`FREQ=DAILY;COUNT=${max + 1}`, { exceptions: ["2027-01-05"] })).toHaveLength(max);
  });

  test.each([
    "FREQ=DAILY;COUNT=999999999",
    "FREQ=DAILY;UNTIL=99991231",
    "FREQ=DAILY;BYHOUR=20,21;BYMINUTE=0,1,2;COUNT=50000",
  ])("%s is refused without being counted out", (rule) => {
    expect(faultsOf(rule)).toEqual(["rrule: events.too_many_occurrences"]);
  });

  const everyMinute = range(0, 59).join();
  test.each([
    ["FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "rule_matches_nothing"],
    ["FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30;COUNT=3", "rule_matches_nothing"],
    ["FREQ=MONTHLY;BYDAY=MO;BYSETPOS=7;COUNT=3", "rule_matches_nothing"],
    ["FREQ=WEEKLY;BYMONTH=2;BYDAY=MO;BYSETPOS=3;COUNT=3", "rule_matches_nothing"],
    ["FREQ=YEARLY;BYMONTH=5;BYMONTHDAY=3;BYSETPOS=3;COUNT=2", "rule_matches_nothing"],
    ["FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2,4,6,9,11;COUNT=3", "rule_matches_nothing"],
    ["FREQ=DAILY;INTERVAL=7;BYDAY=TU;COUNT=2", "start_not_in_rule"],
    [
      `FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYMINUTE=${everyMinute};BYSECOND=${everyMinute};COUNT=3`,
      "rule_matches_nothing",
    ],
    [
      `FREQ=MONTHLY;BYMONTH=2;BYMONTHDAY=31;BYMINUTE=${everyMinute};BYSECOND=${everyMinute};BYSETPOS=366;COUNT=3`,
      "rule_matches_nothing",
    ],
    ["FREQ=YEARLY;INTERVAL=9999;COUNT=1200", "rule_invalid"],
  ])("%s ends soon", (rule, code) => {
    expect(faultsOf(rule)).toEqual([`rrule: events.${code}`]);
  });

  test.each([
    ["FREQ=WEEKLY;BYDAY=MO", "rule_unbounded"],
    ["FREQ=HOURLY;COUNT=3", "rule_frequency"],
    ["FREQ=MINUTELY;COUNT=3", "rule_frequency"],
    ["FREQ=SECONDLY;COUNT=3", "rule_frequency"],
    ["FREQ=FORTNIGHTLY;COUNT=3", "rule_invalid"],
    ["COUNT=3", "rule_invalid"],
    ["FREQ=DAILY;COUNT=3;UNTIL=20280101", "rule_invalid"],
    ["FREQ=DAILY;COUNT=3;COUNT=4", "rule_invalid"],
    ["FREQ=DAILY;COUNT=0", "rule_invalid"],
    ["FREQ=DAILY;COUNT=-3", "rule_invalid"],
    ["FREQ=DAILY;COUNT=3;INTERVAL=0", "rule_invalid"],
    ["FREQ=DAILY;COUNT=3;INTERVAL=99999999999", "rule_invalid"],
    ["FREQ=DAILY;COUNT=3;BYHOUR=24", "rule_invalid"],
    ["FREQ=DAILY;COUNT=3;BYMONTH=13", "rule_invalid"],
    ["FREQ=DAILY;COUNT=3;BYMONTHDAY=0", "rule_invalid"],
    ["FREQ=WEEKLY;COUNT=3;BYDAY=2MO", "rule_invalid"],
    ["FREQ=DAILY;COUNT=3;BYYEARDAY=3", "rule_invalid"],
    ["FREQ=WEEKLY;COUNT=3;BYMONTHDAY=3", "rule_invalid"],
    ["FREQ=DAILY;COUNT=3;BYDAY=XX", "rule_invalid"],
    ["FREQ=DAILY;UNTIL=20270230", "rule_invalid"],
    ["FREQ=DAILY;COUNT=3;RSCALE=HEBREW", "rule_invalid"],
    ["FREQ=DAILY;COUNT=3;__PROTO__=1", "rule_invalid"],
    ["FREQ=DAILY;COUNT=3\nDTSTART:19700101T000000Z", "rule_invalid"],
    ["FREQ=DAILY;COUNT=3;", "rule_invalid"],
    ["FREQ", "rule_invalid"],
    ["FREQ=WEEKLY;BYDAY=TU;COUNT=3", "start_not_in_rule"],
    ["FREQ=DAILY;UNTIL=20200101", "start_not_in_rule"],
  ])("%j is refused as what it is", (rule, code) => {
    expect(faultsOf(rule)).toEqual([`rrule: events.${code}`]);
  });

  test("every time that does not exist is named", () => {
    const more = { exceptions: ["2027-02-30"], additions: ["2027-01-01", "2027-01-01T25:00"] };
    expect(faultsOf("FREQ=DAILY;COUNT=3", more)).toEqual([
      "additions.1: events.no_such_time",
      "exceptions.0: events.no_such_time",
    ]);
  });
});
