import fc from "fast-check";
import { expect, test } from "vitest";
import { systemClock, toRfc3339 } from "../src/clock.ts";
import { isTimeZone, toZonedTime } from "../src/time-zones.ts";

const zones = Intl.supportedValuesOf("timeZone");
const moment = fc.integer({ min: 0, max: Date.UTC(2100, 0, 1) });

test("every zone that the runtime lists is a zone, and so is UTC", () => {
  for (const zone of [...zones, "UTC"]) expect(isTimeZone(zone)).toBe(true);
});

test.each(["", "+02:00", "-0500", "Mars/Olympus", "Europe/Berlin\n", "x".repeat(100), "../etc", "Europe/Berlin "])(
  "%j is no zone",
  (name) => {
    expect(isTimeZone(name)).toBe(false);
  },
);

test("a wall clock is within a day of the instant and keeps its seconds", () => {
  fc.assert(
    fc.property(fc.constantFrom(...zones), moment, (timezone, atMs) => {
      const zoned = toZonedTime(atMs, timezone);
      expect(zoned.local).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/);
      const offsetMs = Date.parse(`${zoned.local}Z`) - Math.floor(atMs / 1000) * 1000;
      expect(Math.abs(offsetMs)).toBeLessThanOrEqual(15 * 3_600_000);
      expect(Date.parse(zoned.utc)).toBe(atMs);
      expect(zoned.timezone).toBe(timezone);
    }),
  );
});

test.each([
  ["2026-07-01T18:00:00Z", "Europe/Berlin", "2026-07-01T20:00:00"],
  ["2026-12-01T18:00:00Z", "Europe/Berlin", "2026-12-01T19:00:00"],
  ["2026-03-29T00:59:59Z", "Europe/Berlin", "2026-03-29T01:59:59"],
  ["2026-03-29T01:00:00Z", "Europe/Berlin", "2026-03-29T03:00:00"],
  ["2026-01-01T00:00:00Z", "America/New_York", "2025-12-31T19:00:00"],
  ["2026-01-01T00:00:00Z", "Asia/Kathmandu", "2026-01-01T05:45:00"],
  ["2026-01-01T00:00:00Z", "UTC", "2026-01-01T00:00:00"],
])("%s in %s is %s", (instant, timezone, local) => {
  expect(toZonedTime(Date.parse(instant), timezone).local).toBe(local);
});

test("times leave as RFC 3339 in UTC with milliseconds", () => {
  expect(toRfc3339(0)).toBe("1970-01-01T00:00:00.000Z");
  expect(Math.abs(systemClock.nowMs() - Date.now())).toBeLessThan(1_000);
});
