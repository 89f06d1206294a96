import { limits } from "@foyer/kernel/limits";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readHeader } from "../../src/domain/imports/columns.ts";
import { readCsv } from "../../src/domain/imports/csv.ts";
import { readTime } from "../../src/domain/imports/dates.ts";
import { columnOf, readRow } from "../../src/domain/imports/rows.ts";

describe("dates as files write them", () => {
  const local = "2026-07-01T19:05:00";
  test.each([
    ["2026-07-01 19:05", "", { kind: "local", local }],
    ["2026-07-01T19:05:00", "", { kind: "local", local }],
    ["2026-07-01", "7:05 PM", { kind: "local", local }],
    ["2026-7-1", "19:05", { kind: "local", local }],
    ["Jul 1, 2026 7:05 PM", "", { kind: "local", local }],
    ["July 1, 2026 at 7:05pm", "", { kind: "local", local }],
    ["Wed, Jul 1, 2026, 7:05 p.m.", "", { kind: "local", local }],
    ["1 July 2026 19:05", "", { kind: "local", local }],
    ["1.7.2026 19:05", "", { kind: "local", local }],
    ["1.7.26", "19.05", { kind: "local", local }],
    ["2026-07-01T19:05:00+02:00", "", { kind: "instant", instant: "2026-07-01T17:05:00.000Z" }],
    ["2026-07-01T17:05Z", "", { kind: "instant", instant: "2026-07-01T17:05:00.000Z" }],
    ["2026-07-01", "", { kind: "date", date: "2026-07-01" }],
    ["12:00 AM", "", { kind: "fault", code: "import.date_unreadable" }],
    ["2026-02-29", "", { kind: "fault", code: "import.date_unreadable" }],
    ["2026-13-01", "", { kind: "fault", code: "import.date_unreadable" }],
    ["2026-07-01 25:00", "", { kind: "fault", code: "import.date_unreadable" }],
    ["2026-07-01 19", "", { kind: "fault", code: "import.date_unreadable" }],
    ["Foo 1, 2026", "", { kind: "fault", code: "import.date_unreadable" }],
    ["Julibert 1, 2026", "", { kind: "fault", code: "import.date_unreadable" }],
    ["tomorrow", "", { kind: "fault", code: "import.date_unreadable" }],
  ])("%s %s", (date, time, expected) => {
    expect(readTime(date, time, null)).toEqual(expected);
  });

  test("twelve o'clock is midnight in the morning and noon after it", () => {
    expect(readTime("2026-07-01", "12:30 am", null)).toMatchObject({ local: "2026-07-01T00:30:00" });
    expect(readTime("2026-07-01", "12:30 PM", null)).toMatchObject({ local: "2026-07-01T12:30:00" });
    expect(readTime("2026-07-01", "13 PM", null)).toMatchObject({ kind: "fault" });
  });

  test("with slashes nothing is guessed", () => {
    expect(readTime("7/1/2026", "", null)).toEqual({ kind: "fault", code: "import.date_ambiguous" });
    expect(readTime("7/1/2026", "", "mdy")).toEqual({ kind: "date", date: "2026-07-01" });
    expect(readTime("7/1/2026", "", "dmy")).toEqual({ kind: "date", date: "2026-01-07" });
    expect(readTime("31/7/2026", "", null)).toEqual({ kind: "date", date: "2026-07-31" });
    expect(readTime("7/31/2026", "", null)).toEqual({ kind: "date", date: "2026-07-31" });
    expect(readTime("7/7/2026", "", null)).toEqual({ kind: "date", date: "2026-07-07" });
    expect(readTime("7/31/2026", "", "dmy")).toMatchObject({ kind: "fault" });
  });

  test("every text is read or refused, and what is read is a real day", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), fc.string({ maxLength: 12 }), (date, time) => {
        const read = readTime(date, time, null);
        if (read.kind === "local") expect(Number.isNaN(Date.parse(`${read.local}Z`))).toBe(false);
        if (read.kind === "date") expect(new Date(`${read.date}T00:00:00Z`).toISOString().slice(0, 10)).toBe(read.date);
      }),
    );
  });
});

describe("tables", () => {
  test("are told apart by their first line, and lines keep their numbers", () => {
    const text = 'title;description\n"A; one";"two\nlines"\n\nB;b\n;\nC\n';
    expect(readCsv(text)).toEqual({
      ok: true,
      value: {
        header: ["title", "description"],
        rows: [
          { line: 2, cells: ["A; one", "two\nlines"] },
          { line: 5, cells: ["B", "b"] },
          { line: 7, cells: ["C"] },
        ],
      },
    });
  });

  test.each(["", "title", "title\n", 'title\n"open', 'a,b\n1,x"y"z\n'])("%j is none", (text) => {
    expect(readCsv(text)).toMatchObject({ ok: false, error: { code: "events.import_unreadable" } });
  });

  test("have as many lines as they may and not one more", () => {
    const rows = (count: number): string => `title\n${"x\n".repeat(count)}`;
    expect(readCsv(rows(limits.importLinesMax))).toMatchObject({ ok: true });
    expect(readCsv(rows(limits.importLinesMax + 1))).toMatchObject({ error: { code: "events.import_too_long" } });
  });

  test("whatever comes is a table or refused", () => {
    fc.assert(fc.property(fc.string({ maxLength: 400 }), (text) => void readCsv(text)));
  });
});

describe("lines", () => {
  const options = { timezone: "Europe/Berlin", dateOrder: null };
  const header = ["Event ID", "Event Name", "Event Start Date", "Event Start Time", "Venue Name", "City", "Color"];

  test("of an export are read by the names of their columns", () => {
    const columns = readHeader(header);
    expect(columns.ignored).toEqual(["Color"]);
    const row = readRow(["77", "Ball", "Jul 1, 2026", "8:00 PM", "Hall", "Berlin", "red"], columns, options);
    expect(row).toMatchObject({ externalId: "77", faults: [], category: null });
    expect(row.body).toMatchObject({
      title: "Ball",
      timezone: "Europe/Berlin",
      allDay: false,
      startsAt: { local: "2026-07-01T20:00:00" },
      endsAt: null,
      location: { kind: "venue", name: "Hall", city: "Berlin" },
      visibility: "public",
    });
  });

  test("of a flattened API object and of our own names are read as well", () => {
    const columns = readHeader(["name.text", "start.local", "start.timezone", "online_event", "startsAt"]);
    const row = readRow(["Talk", "2026-07-01T20:00:00", "America/New_York", "TRUE", "ignored"], columns, options);
    expect(row.body).toMatchObject({ title: "Talk", timezone: "America/New_York", location: { kind: "online" } });
    expect(columns.ignored).toEqual(["startsAt"]);
  });

  test("with days alone are whole days, with one end alone that is at fault", () => {
    const columns = readHeader(["title", "start", "end"]);
    expect(readRow(["Fair", "2026-07-01", "2026-07-03"], columns, options).body).toMatchObject({
      allDay: true,
      startsAt: "2026-07-01",
      endsAt: "2026-07-03",
    });
    expect(readRow(["Fair", "2026-07-01"], columns, options).body).toMatchObject({ endsAt: "2026-07-01" });
    expect(readRow(["Fair", "2026-07-01", "2026-07-03 12:00"], columns, options).faults).toMatchObject([
      { path: "start", code: "import.time_missing" },
    ]);
  });

  test("are reported on by their own columns", () => {
    const columns = readHeader(["Event Name", "Venue City", "Event Start Date", "Latitude"]);
    expect(columnOf(columns, "location.city")).toBe("Venue City");
    expect(columnOf(columns, "title")).toBe("Event Name");
    expect(columnOf(columns, "endsAt")).toBe("end");
    expect(readRow(["X", "Y", "never", "north"], columns, options).faults).toMatchObject([
      { path: "Event Start Date", code: "import.date_unreadable" },
      { path: "Latitude", code: "import.number_unreadable" },
    ]);
  });
});
