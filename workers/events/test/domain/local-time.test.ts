import { toZonedTime } from "@foyer/kernel/time-zones";
import fc from "fast-check";
import { DateTime } from "luxon";
import { describe, expect, test } from "vitest";
import { addDays, dateOf, daysBetween, readWallClock, resolveTime, toInstant } from "../../src/domain/local-time.ts";

// Luxon counts in its own way, on the same zone data: what both say is not one library's mistake.
const zones = [
  "Europe/Berlin",
  "Europe/London",
  "Europe/Dublin", // its winter time is the one that is saved
  "America/New_York",
  "America/St_Johns",
  "America/Sao_Paulo", // clocks jumped at midnight
  "Australia/Lord_Howe", // half an hour
  "Pacific/Apia", // without 30 December 2011
  "Pacific/Kwajalein",
  "Africa/Casablanca", // another offset in Ramadan
  "Africa/Cairo",
  "Asia/Beirut",
  "Asia/Kathmandu", // 45 minutes
  "Antarctica/Troll", // two hours
  "America/Scoresbysund",
];
const zone = fc.constantFrom(...zones, "Etc/GMT+12", "UTC");
const [sinceMs, untilMs] = [Date.UTC(1985, 0), Date.UTC(2038, 0)];
const second = fc.integer({ min: sinceMs / 1_000, max: untilMs / 1_000 });

const wallOf = (ms: number, timezone: string): string =>
  DateTime.fromMillis(ms, { zone: timezone }).toISO({ includeOffset: false, suppressMilliseconds: true }) ?? "";

/** Every change of a zone's offset in these years: the moment, and the offsets before and after it in minutes. */
function changesOf(
  timezone: string,
): { readonly atMs: number; readonly fromMinutes: number; readonly toMinutes: number }[] {
  const offset = (ms: number): number => DateTime.fromMillis(ms, { zone: timezone }).offset;
  const found = [];
  const stepMs = 24 * 3_600_000;
  for (let ms = sinceMs; ms < untilMs; ms += stepMs) {
    if (offset(ms) === offset(ms + stepMs)) continue;
    let [low, high] = [ms, ms + stepMs];
    while (high - low > 1_000) {
      const middle = low + Math.floor((high - low) / 2_000) * 1_000;
      if (offset(middle) === offset(low)) low = middle;
      else high = middle;
    }
    found.push({ atMs: high, fromMinutes: offset(low), toMinutes: offset(high) });
  }
  return found;
}

describe("a wall clock", () => {
  test("that a zone shows leads back to the instant at which it shows it", () => {
    fc.assert(
      fc.property(zone, second, (timezone, seconds) => {
        const ms = seconds * 1_000;
        const local = wallOf(ms, timezone);
        expect(toZonedTime(ms, timezone).local).toBe(local);
        const { kind, earlierMs, laterMs } = readWallClock(local, timezone);
        expect(kind).not.toBe("skipped");
        expect([earlierMs, laterMs]).toContain(ms);
        const resolved = toInstant(local, timezone, "reject", "startsAt");
        if (kind === "plain") expect(resolved).toEqual({ ok: true, value: ms });
        else expect(resolved).toMatchObject({ ok: false, error: { code: "time.repeated" } });
      }),
      { numRuns: 2_000 },
    );
  });

  test.each(zones)(
    "around every change of offset of %s is plain, skipped or repeated as its clocks say",
    (timezone) => {
      const changes = changesOf(timezone);
      expect(changes.length).toBeGreaterThan(0);
      for (const { atMs, fromMinutes, toMinutes } of changes) {
        const change = toMinutes - fromMinutes;
        const widthMs = Math.abs(change) * 60_000;
        // The wall clock that the old offset would show at the change and after, as if it were UTC.
        const oldWall = (aheadMs: number): string =>
          new Date(atMs + fromMinutes * 60_000 + aheadMs).toISOString().slice(0, 19);
        const inside = change > 0 ? [0, widthMs / 2, widthMs - 1_000] : [-1_000, -widthMs / 2, -widthMs];
        for (const aheadMs of inside) {
          const reading = readWallClock(oldWall(aheadMs), timezone);
          const byOldMs = atMs + aheadMs;
          const byNewMs = atMs + aheadMs - change * 60_000;
          expect([timezone, oldWall(aheadMs), reading]).toEqual([
            timezone,
            oldWall(aheadMs),
            {
              kind: change > 0 ? "skipped" : "repeated",
              earlierMs: Math.min(byOldMs, byNewMs),
              laterMs: Math.max(byOldMs, byNewMs),
            },
          ]);
        }
        const outside = change > 0 ? [-1_000, widthMs] : [-widthMs - 1_000, 0];
        for (const aheadMs of outside) expect(readWallClock(oldWall(aheadMs), timezone).kind).toBe("plain");
      }
    },
  );

  test("that is not one instant is refused with both in the message, unless it is said which", () => {
    const skipped = { local: "2026-03-29T02:30" };
    expect(resolveTime(skipped, { timezone: "Europe/Berlin", allDay: false }, "startsAt")).toEqual({
      ok: false,
      error: {
        path: "startsAt",
        code: "time.skipped",
        message:
          "Europe/Berlin skips 2026-03-29T02:30; earlier is 2026-03-29T00:30:00.000Z, later is 2026-03-29T01:30:00.000Z: say which as disambiguation",
      },
    });
    const lordHowe = { timezone: "Australia/Lord_Howe", allDay: false };
    const repeated = { local: "2026-04-05T01:45" };
    expect(resolveTime(repeated, lordHowe, "endsAt")).toMatchObject({
      error: { path: "endsAt", code: "time.repeated", message: expect.stringContaining("2026-04-04T14:45:00.000Z") },
    });
    expect(resolveTime({ ...repeated, disambiguation: "earlier" }, lordHowe, "endsAt")).toEqual({
      ok: true,
      value: Date.parse("2026-04-04T14:45:00Z"),
    });
    expect(resolveTime({ ...repeated, disambiguation: "later" }, lordHowe, "endsAt")).toEqual({
      ok: true,
      value: Date.parse("2026-04-04T15:15:00Z"),
    });
  });
});

describe("a day", () => {
  test("begins where its date does and ends where the next one begins", () => {
    fc.assert(
      fc.property(zone, second, (timezone, seconds) => {
        const local = DateTime.fromMillis(seconds * 1_000, { zone: timezone });
        const date = local.toISODate() ?? "";
        const frame = { timezone, allDay: true };
        const start = resolveTime(date, frame, "startsAt");
        // Newfoundland used to go back at a minute past midnight: of that day's two midnights the first is meant, where the other library takes the second.
        const midnight = local.startOf("day");
        expect(start.ok && start.value <= midnight.toMillis()).toBe(true);
        const clock = start.ok
          ? DateTime.fromMillis(start.value, { zone: timezone }).toFormat("yyyy-MM-dd HH:mm:ss")
          : "";
        expect(clock).toBe(midnight.toFormat("yyyy-MM-dd HH:mm:ss"));
        const end = resolveTime(date, frame, "endsAt");
        expect(end.ok && DateTime.fromMillis(end.value, { zone: timezone }).toISODate() !== date).toBe(true);
        expect(end.ok && DateTime.fromMillis(end.value - 1, { zone: timezone }).toISODate()).toBe(date);
        if (!end.ok) return;
        expect(dateOf(local.startOf("day").toMillis(), timezone, "startsAt")).toBe(date);
        expect(dateOf(end.value, timezone, "endsAt")).toBe(date);
      }),
      { numRuns: 1_000, examples: [["America/St_Johns", 783_487_800]] },
    );
  });

  test("that a zone never had is refused, and the one before ends where the one after begins", () => {
    const frame = { timezone: "Pacific/Apia", allDay: true };
    expect(resolveTime("2011-12-30", frame, "startsAt")).toMatchObject({ error: { code: "time.skipped" } });
    expect(resolveTime("2011-12-29", frame, "endsAt")).toEqual(resolveTime("2011-12-31", frame, "startsAt"));
  });

  test("whose midnight is skipped begins an hour late", () => {
    const frame = { timezone: "America/Sao_Paulo", allDay: true };
    expect(resolveTime("2018-11-04", frame, "startsAt")).toEqual({
      ok: true,
      value: Date.parse("2018-11-04T03:00:00Z"),
    });
  });

  test("is asked of all-day events and of no others", () => {
    const allDay = { timezone: "UTC", allDay: true };
    const timed = { timezone: "UTC", allDay: false };
    for (const input of ["2026-07-01T00:00:00Z", { local: "2026-07-01T00:00" }]) {
      expect(resolveTime(input, allDay, "startsAt")).toMatchObject({ error: { code: "time.date_required" } });
      expect(resolveTime(input, timed, "startsAt")).toEqual({ ok: true, value: Date.UTC(2026, 6, 1) });
    }
    expect(resolveTime("2026-07-01", timed, "endsAt")).toMatchObject({
      error: { path: "endsAt", code: "time.date_unexpected" },
    });
  });

  test("is counted by the calendar", () => {
    expect(addDays("2028-02-28", 2)).toBe("2028-03-01");
    expect(daysBetween("2027-12-31", "2028-03-01")).toBe(61);
  });
});
