import { newId } from "@foyer/kernel/ids";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { EventWithText } from "../../src/domain/event.ts";
import { expandRecurrence } from "../../src/domain/recurrence.ts";
import { anchorOf, occurrenceSlugs, recurrenceIdOf, type Series, timesOf, timingOf } from "../../src/domain/series.ts";
import {
  followable,
  followed,
  overridesAfter,
  overridesWithout,
  recurrenceFacts,
  splitRecurrence,
} from "../../src/domain/series-edit.ts";

const template = { title: "Jazz", timezone: "Europe/Berlin", allDay: false } as EventWithText;

function seriesWith(more: Partial<Series>): Series {
  return {
    id: newId("series", 1),
    organizationId: newId("organization", 1),
    rrule: "FREQ=DAILY;COUNT=3",
    exceptions: [],
    additions: [],
    startsLocal: "2037-01-05T20:00:00",
    shiftMs: 0,
    durationMs: 3_600_000,
    template,
    patternEventId: newId("event", 1),
    publishes: false,
    change: 1,
    ...more,
  };
}

const utc = ({ startsAtMs, endsAtMs }: { startsAtMs: number; endsAtMs: number }) =>
  [startsAtMs, endsAtMs].map((ms) => new Date(ms).toISOString().slice(0, 16));

describe("when a date is", () => {
  test.each([
    [
      "an evening keeps its hours in winter and summer",
      "2037-07-06T20:00:00",
      4 * 3_600_000,
      ["2037-07-06T18:00", "2037-07-06T22:00"],
    ],
    [
      "a night that the clocks shorten ends at its hour",
      "2037-03-28T22:00:00",
      8 * 3_600_000,
      ["2037-03-28T21:00", "2037-03-29T04:00"],
    ],
    [
      "a night that the clocks lengthen ends at its hour",
      "2037-10-24T22:00:00",
      8 * 3_600_000,
      ["2037-10-24T20:00", "2037-10-25T05:00"],
    ],
    [
      "a start that is skipped is an hour later by the clock",
      "2037-03-29T02:30:00",
      2 * 3_600_000,
      ["2037-03-29T01:30", "2037-03-29T02:30"],
    ],
    [
      "a start that comes twice is the first",
      "2037-10-25T02:30:00",
      3_600_000,
      ["2037-10-25T00:30", "2037-10-25T02:30"],
    ],
    ["no date is over before it starts", "2037-03-29T02:15:00", 50 * 60_000, ["2037-03-29T01:15", "2037-03-29T02:05"]],
  ])("%s", (_what, id, durationMs, expected) => {
    expect(utc(timesOf(id, { shiftMs: 0, durationMs }, "Europe/Berlin"))).toEqual(expected);
  });

  test("the times that an event has are those that its timing gives back", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(2030, 0), max: Date.UTC(2031, 0) }),
        fc.integer({ min: 60_000, max: 5 * 86_400_000 }),
        fc.constantFrom("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Tokyo"),
        fc.integer({ min: -40, max: 40 }),
        (startsAtMs, lastsMs, timezone, days) => {
          const event = { startsAtMs, endsAtMs: startsAtMs + lastsMs, timezone, allDay: false };
          const id = recurrenceIdOf({ ...event, startsAtMs: startsAtMs + days * 86_400_000 });
          const times = timesOf(id, timingOf(event, id), timezone);
          // Where the clocks show an hour twice, the first is meant: an hour earlier at most.
          for (const [is, was] of [
            [times.startsAtMs, startsAtMs],
            [times.endsAtMs, event.endsAtMs],
          ] as const) {
            expect([0, 1_800_000, 3_600_000]).toContain(was - is);
          }
        },
      ),
      { seed: 5 },
    );
  });
});

test("slugs name the day, the hour where the day is taken, and the id at last", () => {
  const date = { recurrenceId: "2037-01-05T20:00:00", eventId: newId("event", 1) };
  const [day, hour, own] = occurrenceSlugs(seriesWith({ shiftMs: 5 * 3_600_000 }), date);
  expect([day, hour]).toEqual(["jazz-2037-01-06", "jazz-2037-01-06-0100"]);
  expect(own).toBe(`jazz-${date.eventId.slice(-10)}`);
  const [nameless] = occurrenceSlugs(seriesWith({ template: { ...template, title: "日本" } }), date);
  expect(nameless).toBe("event-2037-01-05");
});

describe("what a date follows", () => {
  test("changes are taken over but for what it was given for itself, times all or none", () => {
    const changes = [
      { title: "A", tags: ["x"] },
      { title: "B", startsAt: "2037-01-05T10:00:00Z", confirm: true },
    ];
    expect(followed(changes, [])).toEqual({ patch: { title: "B", tags: ["x"] }, times: true });
    expect(followed(changes, ["title", "endsAt"])).toEqual({ patch: { tags: ["x"] }, times: false });
    expect(followed(changes, ["title", "tags", "timezone"])).toBeNull();
    expect(followed([{}, { confirm: true }], [])).toBeNull();
    expect(followable({ title: "A", confirm: true, ...{ slug: "mine", password: "secret" } })).toEqual({ title: "A" });
  });

  test("what is changed alone is its own from then on, what is changed with the series is not", () => {
    const event = { overrides: ["title"], seriesId: newId("series", 1) };
    const own = overridesAfter(event, { tags: [], title: "A", confirm: true });
    expect(own).toEqual(["tags", "title"]);
    expect(overridesWithout([...own, "endsAt"], { title: "B", startsAt: null })).toEqual(["tags"]);
    expect(overridesAfter({ overrides: [], seriesId: null }, { title: "A" })).toEqual([]);
  });
});

describe("cutting a series in two", () => {
  const rules = [
    "FREQ=DAILY;COUNT=30",
    "FREQ=DAILY;INTERVAL=3;BYDAY=MO,WE,SA;COUNT=25",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,SU;WKST=SU;COUNT=30",
    "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,SU;COUNT=30",
    "FREQ=WEEKLY;UNTIL=20370901",
    "FREQ=MONTHLY;COUNT=20",
    "FREQ=MONTHLY;INTERVAL=2;BYDAY=MO,TU;BYSETPOS=1,-1;COUNT=21",
    "FREQ=MONTHLY;BYMONTHDAY=5,31,-3;COUNT=30",
    "FREQ=YEARLY;BYMONTH=1,3;COUNT=9",
    "FREQ=YEARLY;BYDAY=1MO,-1FR;COUNT=9",
    "FREQ=DAILY;BYHOUR=8,20;BYMINUTE=0,30;COUNT=40",
  ];

  test("both parts together give what the whole gave, wherever it is cut", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...rules),
        fc.array(fc.nat(25), { maxLength: 4 }),
        fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 3 }),
        fc.nat(60),
        (rrule, out, days, cutAt) => {
          const startsLocal = "2037-01-05T08:00:00"; // a date of every rule
          const anchor = { startsLocal, timezone: "Europe/Berlin", allDay: false };
          const additions = days.map((day) => new Date(Date.UTC(2037, 0, 5 + day, 12)).toISOString().slice(0, 19));
          const plain = expandRecurrence({ rrule, exceptions: [], additions: [] }, anchor);
          if (!plain.ok) throw new Error(`${rrule}: ${JSON.stringify(plain.error)}`);
          const exceptions = out.flatMap((index) => plain.value.ruleDates[index + 1] ?? []);
          const whole = expandRecurrence({ rrule, exceptions, additions }, anchor);
          if (!whole.ok) throw new Error(JSON.stringify(whole.error));
          const { dates } = whole.value;
          const cut = dates[(cutAt % (dates.length - 1)) + 1];
          if (cut === undefined) throw new Error("there is a second date");
          const series = seriesWith({ ...whole.value, startsLocal });
          const { earlier, later } = splitRecurrence(series, cut);
          const first = expandRecurrence(earlier, anchor);
          const second = expandRecurrence(later, { ...anchor, startsLocal: later.startsLocal });
          if (!first.ok || !second.ok) throw new Error(`${JSON.stringify(earlier)} ${JSON.stringify(later)}`);
          expect(first.value.dates).toEqual(dates.filter((id) => id < cut));
          expect(second.value.dates).toEqual(dates.filter((id) => id >= cut));
        },
      ),
      { numRuns: 200, seed: 3 },
    );
  });

  test("behind the rule's last date only additions are left", () => {
    const series = seriesWith({ additions: ["2037-02-01T10:00:00", "2037-03-01T10:00:00"] });
    const { later } = splitRecurrence(series, "2037-02-01T10:00:00");
    const set = expandRecurrence(later, { ...anchorOf(series), startsLocal: later.startsLocal });
    expect(set).toMatchObject({ ok: true, value: { dates: ["2037-02-01T10:00:00", "2037-03-01T10:00:00"] } });
  });
});

describe("what calendars are told", () => {
  test.each([
    ["FREQ=DAILY;COUNT=3", "FREQ=DAILY;COUNT=3"],
    ["FREQ=DAILY;UNTIL=20370706;INTERVAL=2", "FREQ=DAILY;UNTIL=20370706T215959Z;INTERVAL=2"],
    ["FREQ=DAILY;UNTIL=20370106T200000", "FREQ=DAILY;UNTIL=20370106T190000Z"],
    ["FREQ=DAILY;UNTIL=20370106T190000Z", "FREQ=DAILY;UNTIL=20370106T190000Z"],
  ])("%s ends at an instant: %s", (rrule, told) => {
    expect(recurrenceFacts(seriesWith({ rrule }), []).rrule).toBe(told);
  });

  test("dates that were called off are exceptions, whole days stay days", () => {
    const series = seriesWith({
      startsLocal: "2037-01-05",
      rrule: "FREQ=DAILY;UNTIL=20370110",
      exceptions: ["2037-01-07"],
    });
    expect(recurrenceFacts(series, ["2037-01-06", "2037-01-07"])).toEqual({
      rrule: "FREQ=DAILY;UNTIL=20370110",
      startsLocal: "2037-01-05",
      exdate: ["2037-01-06", "2037-01-07"],
      rdate: [],
    });
  });
});
