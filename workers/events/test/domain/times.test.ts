import { limits } from "@foyer/kernel/limits";
import { describe, expect, test } from "vitest";
import { changeTimes, type EventTimes, noTimes, sameLengthEndMs } from "../../src/domain/times.ts";

const ms = (instant: string): number => Date.parse(instant);
const concert: EventTimes = {
  startsAtMs: ms("2026-07-01T18:00:00Z"),
  endsAtMs: ms("2026-07-01T21:00:00Z"),
  timezone: "Europe/Berlin",
  allDay: false,
};
/** From the first to the third of July. */
const fair: EventTimes = {
  startsAtMs: ms("2026-06-30T22:00:00Z"),
  endsAtMs: ms("2026-07-03T22:00:00Z"),
  timezone: "Europe/Berlin",
  allDay: true,
};

describe("a change of times", () => {
  test("leaves alone what it does not name", () => {
    expect(changeTimes(concert, {})).toEqual({ ok: true, value: concert });
    expect(changeTimes(fair, {})).toEqual({ ok: true, value: fair });
    expect(changeTimes(concert, { endsAt: null })).toEqual({ ok: true, value: { ...concert, endsAtMs: null } });
  });

  test("to another zone keeps an event's instants, and an all-day event's days", () => {
    expect(changeTimes(concert, { timezone: "Asia/Tokyo" })).toEqual({
      ok: true,
      value: { ...concert, timezone: "Asia/Tokyo" },
    });
    expect(changeTimes(fair, { timezone: "Asia/Tokyo" })).toEqual({
      ok: true,
      value: {
        ...fair,
        timezone: "Asia/Tokyo",
        startsAtMs: ms("2026-06-30T15:00:00Z"),
        endsAtMs: ms("2026-07-03T15:00:00Z"),
      },
    });
  });

  test("is read in the zone that it gives", () => {
    const change = { timezone: "America/New_York", startsAt: { local: "2026-07-01T20:00" }, endsAt: null };
    expect(changeTimes(concert, change)).toMatchObject({ value: { startsAtMs: ms("2026-07-02T00:00:00Z") } });
  });

  test("makes an event last the whole days that it touched, and no longer than it did the other way", () => {
    expect(changeTimes(concert, { allDay: true })).toEqual({
      ok: true,
      value: {
        ...concert,
        allDay: true,
        startsAtMs: ms("2026-06-30T22:00:00Z"),
        endsAtMs: ms("2026-07-01T22:00:00Z"),
      },
    });
    expect(changeTimes(fair, { allDay: false })).toEqual({ ok: true, value: { ...fair, allDay: false } });
  });

  test("names every fault at once, by its path", () => {
    const twice = { startsAt: { local: "2026-03-29T02:30" }, endsAt: "2026-03-30" };
    expect(changeTimes(concert, twice)).toMatchObject({
      errors: [
        { path: "startsAt", code: "time.skipped" },
        { path: "endsAt", code: "time.date_unexpected" },
      ],
    });
    expect(changeTimes(concert, { endsAt: "2026-07-01T18:00:00Z" })).toMatchObject({
      errors: [{ path: "endsAt", code: "events.end_before_start" }],
    });
    expect(changeTimes(fair, { endsAt: "2026-06-30" })).toMatchObject({
      errors: [{ code: "events.end_before_start" }],
    });
  });

  test("is held to the limit at which an event lasts too long", () => {
    const { eventDurationDaysMax: days } = limits;
    const allDay = (endsAt: string) => changeTimes(noTimes, { allDay: true, startsAt: "2027-01-01", endsAt });
    const lastDay = new Date(Date.UTC(2027, 0, days)).toISOString().slice(0, 10);
    const dayTooMany = new Date(Date.UTC(2027, 0, days + 1)).toISOString().slice(0, 10);
    expect(allDay(lastDay).ok).toBe(true);
    expect(allDay(dayTooMany)).toMatchObject({ errors: [{ path: "endsAt", code: "events.too_long" }] });
  });
});

describe("an event as long as another", () => {
  test("lasts as many hours, or as many days also where a day is an hour short", () => {
    expect(sameLengthEndMs(concert, ms("2026-12-01T18:00:00Z"))).toBe(ms("2026-12-01T21:00:00Z"));
    // 28 to 30 March: clocks change on the second day.
    expect(sameLengthEndMs(fair, ms("2026-03-27T23:00:00Z"))).toBe(ms("2026-03-30T22:00:00Z"));
    expect(sameLengthEndMs({ ...fair, endsAtMs: null }, 0)).toBeNull();
  });
});
