import type { EventStatus } from "@foyer/contracts/events/api";
import { newId } from "@foyer/kernel/ids";
import { toZonedTime } from "@foyer/kernel/time-zones";
import fc from "fast-check";
import ICAL from "ical.js";
import { describe, expect, test } from "vitest";
import { type CalendarEvent, toCalendar } from "../../src/domain/calendar/calendar.ts";
import { toStream } from "../../src/domain/calendar/content-lines.ts";
import { observancesFor, offsetAt } from "../../src/domain/calendar/zones.ts";

const hourMs = 3_600_000;
const options = { name: "Town Hall", publicUrl: "https://foyer.example" };

const model: CalendarEvent = {
  id: newId("event", 1_000),
  organizationId: newId("organization", 1),
  organizationName: "Town Hall",
  slug: "summer-night",
  slugIsBare: true,
  status: "published",
  version: 3,
  locale: "en",
  title: "Summer Night",
  summary: "An evening of music.",
  startsAtMs: Date.UTC(2030, 6, 1, 18),
  endsAtMs: Date.UTC(2030, 6, 1, 21),
  timezone: "Europe/Berlin",
  allDay: false,
  location: { kind: "venue", name: "Town Hall", address: "1 Main Square", city: "Berlin", country: "DE" },
  categoryId: null,
  tags: ["jazz"],
  visibility: "public",
  accessVersion: 1,
  minimumAge: null,
  cover: null,
  createdAtMs: 1_000,
  updatedAtMs: 90_061_000,
  publishedAtMs: 2_000,
  publishAtMs: null,
  statusNote: null,
  previousStartsAtMs: null,
  calendarSequence: 4,
  seriesId: null,
  recurrenceId: null,
};

/** What an independent reader makes of a calendar, each time as the instant that its own VTIMEZONE leads to. */
function read(calendar: string) {
  const root = new ICAL.Component(ICAL.parse(calendar));
  const zones = new Map(
    root.getAllSubcomponents("vtimezone").map((component) => {
      const tzid = String(component.getFirstPropertyValue("tzid"));
      return [tzid, new ICAL.Timezone({ component, tzid })] as const;
    }),
  );
  const events = root.getAllSubcomponents("vevent").map((component) => {
    const instant = (name: string): number => {
      const property = component.getFirstProperty(name);
      const value = property?.getFirstValue();
      if (property === null || !(value instanceof ICAL.Time)) throw new Error(`no ${name}`);
      const tzid = property.getParameter("tzid");
      const zone = tzid === undefined ? ICAL.Timezone.utcTimezone : zones.get(String(tzid));
      if (zone === undefined) throw new Error(`the zone ${tzid} is not in the calendar`);
      value.zone = zone;
      return value.toUnixTime() * 1_000;
    };
    return { component, text: (name: string) => String(component.getFirstPropertyValue(name)), instant };
  });
  return { root, events };
}

/** Zones with every kind of rule: both hemispheres, half hours, none, a month of fasting, winter time as the exception, the date line. */
const zones = [
  "Europe/Berlin",
  "Europe/Dublin",
  "America/New_York",
  "America/Sao_Paulo",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "Asia/Tokyo",
  "Africa/Casablanca",
  "Pacific/Apia",
  "Pacific/Chatham",
  "Etc/GMT+5",
];
const wholeMinute = fc
  .integer({ min: Date.UTC(2010, 0, 1) / 60_000, max: Date.UTC(2036, 0, 1) / 60_000 })
  .map((minutes) => minutes * 60_000);

describe("times", () => {
  test("in every zone an independent reader finds the instants that were meant", () => {
    const anyEvents = fc.array(
      fc.record({
        timezone: fc.constantFrom(...zones),
        startsAtMs: wholeMinute,
        hours: fc.integer({ min: 1, max: 400 }),
      }),
      { minLength: 1, maxLength: 8 },
    );
    fc.assert(
      fc.property(anyEvents, (events) => {
        const given = events.map(({ timezone, startsAtMs, hours }) => {
          return { ...model, timezone, startsAtMs, endsAtMs: startsAtMs + hours * hourMs };
        });
        const found = read(toCalendar(given, options)).events;
        expect(found.map(({ instant }) => [instant("dtstart"), instant("dtend")])).toEqual(
          given.map(({ startsAtMs, endsAtMs }) => [startsAtMs, endsAtMs]),
        );
      }),
      { numRuns: 300 },
    );
  });

  test("around each change of clocks every quarter of an hour is told apart", () => {
    const changes = [
      ["Europe/Berlin", Date.UTC(2030, 9, 27, 1)],
      ["Europe/Berlin", Date.UTC(2030, 2, 31, 1)],
      ["Australia/Lord_Howe", Date.UTC(2030, 3, 6, 15)],
      ["America/New_York", Date.UTC(2030, 10, 3, 6)],
    ] as const;
    for (const [timezone, changeMs] of changes) {
      expect(offsetAt(timezone, changeMs)).not.toBe(offsetAt(timezone, changeMs - 1));
      for (let quarter = -8; quarter <= 8; quarter += 1) {
        const startsAtMs = changeMs + quarter * 900_000;
        const given = { ...model, timezone, startsAtMs, endsAtMs: startsAtMs + 30 * hourMs };
        const [event] = read(toCalendar([given], options)).events;
        expect([timezone, quarter, event?.instant("dtstart")]).toEqual([timezone, quarter, startsAtMs]);
      }
    }
  });

  test("a wall clock is written as Intl shows it, with the zone beside it", () => {
    const calendar = toCalendar([model], options);
    expect(toZonedTime(model.startsAtMs ?? 0, "Europe/Berlin").local).toBe("2030-07-01T20:00:00");
    expect(calendar).toContain("DTSTART;TZID=Europe/Berlin:20300701T200000\r\n");
    expect(calendar).toContain("TZID:Europe/Berlin\r\nBEGIN:DAYLIGHT\r\nDTSTART:20300331T020000\r\n");
    expect(calendar).toContain("TZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n");
  });

  test("a zone is told once, however many events are in it, and UTC needs none", () => {
    const many = Array.from({ length: 500 }, (_, week) => {
      const startsAtMs = Date.UTC(2026, 0, 1) + week * 168 * hourMs;
      return { ...model, startsAtMs, endsAtMs: startsAtMs + hourMs };
    });
    const calendar = toCalendar(many, options);
    expect(calendar.match(/BEGIN:VTIMEZONE/g)).toHaveLength(1);
    expect(calendar.match(/BEGIN:DAYLIGHT/g)?.length).toBeLessThanOrEqual(10);
    expect(toCalendar([{ ...model, timezone: "UTC" }], options)).not.toContain("VTIMEZONE");
    expect(
      observancesFor(
        "Asia/Tokyo",
        many.map(({ startsAtMs }) => startsAtMs),
      ),
    ).toHaveLength(1);
  });

  test("whole days are dates at the event, and the end is the day after the last", () => {
    // The 4th and 5th of July in Auckland.
    const times = { startsAtMs: Date.UTC(2030, 6, 3, 12), endsAtMs: Date.UTC(2030, 6, 5, 12) };
    const calendar = toCalendar([{ ...model, ...times, allDay: true, timezone: "Pacific/Auckland" }], options);
    expect(calendar).toContain("DTSTART;VALUE=DATE:20300704\r\nDTEND;VALUE=DATE:20300706\r\n");
    expect(calendar).not.toContain("VTIMEZONE");
  });

  test("what has no date is left out, and a calendar may be empty", () => {
    const { events, root } = read(toCalendar([{ ...model, startsAtMs: null, endsAtMs: null }], options));
    expect(events).toHaveLength(0);
    expect(root.getFirstPropertyValue("method")).toBe("PUBLISH");
  });
});

describe("what an entry says", () => {
  test("everything, each in its place", () => {
    const whole: CalendarEvent = {
      ...model,
      description: "Doors at seven.\nBring a chair.",
      categoryName: "Music",
      location: {
        kind: "hybrid",
        name: "Hall",
        address: "1 Road",
        city: "Oslo",
        country: "NO",
        latitude: 59.9,
        longitude: -10.7,
        url: "https://meet.example/secret",
      },
      seriesId: newId("series", 1),
      statusNote: "Moved to the hall.",
    };
    const calendar = toCalendar([whole], options);
    const { root, events } = read(calendar);
    const [event] = events;
    expect(root.getFirstPropertyValue("name")).toBe("Town Hall");
    expect(String(root.getFirstPropertyValue("refresh-interval"))).toBe("PT1H");
    expect(event?.text("uid")).toBe(`${whole.id}@foyer.example`);
    expect(event?.text("sequence")).toBe("4");
    expect(event?.text("summary")).toBe("Summer Night");
    expect(event?.text("description")).toBe("Doors at seven.\nBring a chair.");
    expect(event?.text("comment")).toBe("Moved to the hall.");
    expect(event?.text("location")).toBe("Hall, 1 Road, Oslo, NO");
    expect(event?.text("geo")).toBe("59.9,-10.7");
    expect(event?.text("url")).toBe("https://foyer.example/v1/events/summer-night");
    expect(event?.text("related-to")).toBe(`${whole.seriesId}@foyer.example`);
    expect(event?.component.getFirstProperty("categories")?.getValues()).toEqual(["Music", "jazz"]);
    expect(event?.component.getFirstProperty("organizer")?.getParameter("cn")).toBe("Town Hall");
    expect(event?.text("dtstamp")).toBe("1970-01-02T01:01:01Z");
    expect(event?.text("last-modified")).toBe("1970-01-02T01:01:01Z");
    expect(calendar).not.toContain("meet.example");
  });

  test.each([
    ["published", "CONFIRMED"],
    ["completed", "CONFIRMED"],
    ["postponed", "TENTATIVE"],
    ["draft", "TENTATIVE"],
    ["cancelled", "CANCELLED"],
    ["archived", "null"],
  ] satisfies [EventStatus, string][])("what is %s is %s", (status, expected) => {
    const [event] = read(toCalendar([{ ...model, status }], options)).events;
    expect(event?.text("status")).toBe(expected);
  });

  test("the same events give the same text", () => {
    expect(toCalendar([model], options)).toBe(toCalendar([{ ...model }], options));
  });
});

describe("nothing that somebody writes leaves its place", () => {
  const attacks = [
    "a\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:planted",
    "BEGIN:VCALENDAR",
    "semi;colon, comma: and \\ backslash \\n",
    "\rX-PLANTED:1\nATTACH:https://evil.example",
    'quote"quote^n^^',
    "\u0000\u0007\u001b[2J",
    "\u2028\u2029\u0085",
    "\ud800 half a pair",
    "👨‍👩‍👧‍👦".repeat(40),
  ];

  test.each(attacks)("%j as title, place, tag, organizer and text", (attack) => {
    const location = { kind: "venue", name: attack, address: attack, city: attack, country: attack } as const;
    const planted = {
      ...model,
      title: attack,
      summary: attack,
      location,
      tags: [attack],
      organizationName: attack,
      statusNote: attack,
    };
    const calendar = toCalendar([planted, model], { ...options, name: attack });
    const { root, events } = read(calendar);
    expect(root.getAllSubcomponents().map(({ name }) => name)).toEqual(["vtimezone", "vevent", "vevent"]);
    const plain = attack.replace(/\r\n?/g, "\n").replace(/(?![\n\t\u0080-\u009f])\p{Cc}/gu, "");
    expect(events[0]?.text("summary")).toBe(plain);
    expect(events[0]?.text("uid")).toBe(`${model.id}@foyer.example`);
    expect(events[0]?.component.getFirstProperty("categories")?.getValues()).toEqual([plain]);
    const names = events[0]?.component.getAllProperties().map(({ name }) => name) ?? [];
    expect(names.filter((name) => name.startsWith("x-") || name === "attach")).toEqual([]);
    expect(names).toEqual([...new Set(names)]);
  });

  test("any text comes back as it was, in lines of at most 75 octets that cut no character", () => {
    const bytes = new TextEncoder();
    const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 300 }),
        fc.string({ unit: "binary", maxLength: 100 }),
        (title, summary) => {
          const calendar = toCalendar([{ ...model, title, summary }], options);
          for (const line of calendar.split("\r\n")) {
            const octets = bytes.encode(line);
            expect(octets.byteLength).toBeLessThanOrEqual(75);
            strict.decode(octets);
          }
          expect(calendar.replaceAll("\r\n", "")).not.toMatch(/[\r\n]/);
          expect(read(calendar).events).toHaveLength(1);
        },
      ),
    );
  });

  test("a line of exactly 75 octets is left whole, one more is folded", () => {
    expect(toStream(["x".repeat(75)])).toBe(`${"x".repeat(75)}\r\n`);
    expect(toStream(["x".repeat(76)])).toBe(`${"x".repeat(75)}\r\n x\r\n`);
    expect(toStream([`${"x".repeat(74)}é`])).toBe(`${"x".repeat(74)}\r\n é\r\n`);
  });
});
