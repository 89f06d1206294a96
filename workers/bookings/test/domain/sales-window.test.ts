import { parseSalesOffset, relativeMomentSchema, salesMomentSchema } from "@foyer/contracts/bookings/sales-moments";
import { dayMs, hourMs, minuteMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { toZonedTime } from "@foyer/kernel/time-zones";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { salesPhase } from "../../src/domain/availability.ts";
import { addCalendarDays } from "../../src/domain/calendar-days.ts";
import type { TicketType } from "../../src/domain/model.ts";
import { checkWindow, resolveMoment, type SalesMoment, shiftMoment } from "../../src/domain/sales-window.ts";
import { newFacts } from "../support.ts";

const at = (text: string) => Date.parse(text);
const berlin = (startsAt: string, hours = 3) =>
  newFacts({ startsAtMs: at(startsAt), endsAtMs: at(startsAt) + hours * hourMs, timezone: "Europe/Berlin" });
const resolve = (facts: ReturnType<typeof berlin>, moment: SalesMoment) => {
  const atMs = resolveMoment(facts, moment);
  return typeof atMs === "number" ? new Date(atMs).toISOString() : atMs;
};

/** Every habit of clocks: summer time in both halves of the year, half an hour of it, none, odd offsets, a day left out. */
const zones = [
  "Europe/Berlin",
  "America/New_York",
  "America/Sao_Paulo",
  "Australia/Lord_Howe",
  "Asia/Kathmandu",
  "Africa/Casablanca",
  "Pacific/Apia",
  "Pacific/Kiritimati",
  "UTC",
];
const zone = fc.constantFrom(...zones);
const instant = fc.integer({ min: at("2005-01-01T00:00:00Z"), max: at("2040-01-01T00:00:00Z") });

describe("a duration", () => {
  test("is of days, hours and minutes, and nothing else is one", () => {
    expect(parseSalesOffset("P1DT2H30M")).toEqual({ days: 1, minutes: 150 });
    expect(parseSalesOffset("PT0M")).toEqual({ days: 0, minutes: 0 });
    expect(parseSalesOffset("PT36H")).toEqual({ days: 0, minutes: 2_160 });
    const wrong = [
      "",
      "P",
      "PT",
      "P1DT",
      "P1H",
      "PT1D",
      "1D",
      "-P1D",
      "P-1D",
      "P1.5D",
      "P1W",
      "P1M",
      "P1Y",
      "PT30S",
      "p1d",
    ];
    for (const text of [...wrong, "P1D ", "PT2M1H", "P1D1D", "P١D", "P1D\n", `P${"9".repeat(40)}D`]) {
      expect(parseSalesOffset(text), text).toBeNull();
      expect(relativeMomentSchema.safeParse({ before: text, of: "start" }).success, text).toBe(false);
    }
  });

  test("is as long as the limit and no longer", () => {
    const max = limits.salesOffsetDaysMax;
    const takes = (before: string) => relativeMomentSchema.safeParse({ before, of: "start" }).success;
    for (const text of [`P${max - 1}D`, `P${max}D`, `PT${max * 24}H`, `PT${max * 1_440}M`])
      expect(takes(text)).toBe(true);
    for (const text of [`P${max + 1}D`, `P${max}DT1M`, `PT${max * 24 + 1}H`, `PT${max * 1_440 + 1}M`])
      expect(takes(text)).toBe(false);
  });

  test("stands on one side of one date", () => {
    for (const moment of [
      { before: "P1D", after: "P1D", of: "start" },
      { of: "start" },
      { before: "P1D" },
      { before: "P1D", of: "doors" },
      { before: "P1D", of: "start", note: "x" },
      1,
      "tomorrow",
    ])
      expect(salesMomentSchema.safeParse(moment).success).toBe(false);
  });
});

describe("a day", () => {
  test("before an event is the same time of day, also where clocks were changed between", () => {
    // Clocks go back on 25 October 2026 and forward on 28 March 2027.
    const autumn = berlin("2026-10-25T19:00:00+01:00");
    expect(resolve(autumn, { before: "P1D", of: "start" })).toBe("2026-10-24T17:00:00.000Z");
    expect(resolve(autumn, { before: "PT24H", of: "start" })).toBe("2026-10-24T18:00:00.000Z");
    const spring = berlin("2027-03-28T19:00:00+02:00");
    expect(resolve(spring, { before: "P1D", of: "start" })).toBe("2027-03-27T18:00:00.000Z");
    expect(resolve(spring, { before: "P1DT2H", of: "start" })).toBe("2027-03-27T16:00:00.000Z");
    expect(resolve(spring, { after: "PT1H", of: "end" })).toBe("2027-03-28T21:00:00.000Z");
  });

  test("whose time of day is skipped or comes twice is taken as Temporal does: later, and the first", () => {
    expect(resolve(berlin("2027-03-29T02:30:00+02:00"), { before: "P1D", of: "start" })).toBe(
      "2027-03-28T01:30:00.000Z",
    );
    expect(resolve(berlin("2026-10-26T02:30:00+01:00"), { before: "P1D", of: "start" })).toBe(
      "2026-10-25T00:30:00.000Z",
    );
    // Samoa had no 30 December 2011.
    expect(toZonedTime(addCalendarDays(at("2011-12-29T20:00:00-10:00"), "Pacific/Apia", 1), "Pacific/Apia").local).toBe(
      "2011-12-31T20:00:00",
    );
  });

  test("is the same time of day in every zone and year, unless that is skipped; then it is later by what was skipped", () => {
    fc.assert(
      fc.property(
        zone,
        instant,
        fc.integer({ min: -limits.salesOffsetDaysMax, max: limits.salesOffsetDaysMax }),
        (timezone, epochMs, days) => {
          const wall = (ms: number) => Date.parse(`${toZonedTime(ms, timezone).local}Z`);
          const moved = addCalendarDays(epochMs, timezone, days);
          const wanted = wall(epochMs) + days * dayMs;
          const error = wall(moved) - wanted;
          if (error !== 0) {
            // A gap: just before it clocks show less than what is wanted, and no instant shows that.
            expect(error).toBeGreaterThan(0);
            expect(error).toBeLessThanOrEqual(dayMs);
            expect(wall(moved - error) + error).toBeLessThanOrEqual(wall(moved));
          } else {
            // The first of two: no earlier instant shows the same.
            for (const step of [30 * minuteMs, hourMs]) expect(wall(moved - step)).not.toBe(wanted);
          }
          expect(Math.abs((moved - epochMs) % minuteMs)).toBe(0);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});

describe("a window", () => {
  const type = (salesStart: SalesMoment | null, salesEnd: SalesMoment | null) =>
    ({ salesStart, salesEnd }) as TicketType; // all that is asked of it here
  const phase = (facts: ReturnType<typeof berlin>, nowMs: number, ...bounds: Parameters<typeof type>) =>
    salesPhase({ status: "open", facts }, type(...bounds), nowMs);

  test("moves with its event", () => {
    const start = { before: "P7D", of: "start" } as const;
    const end = { before: "PT2H", of: "start" } as const;
    const first = berlin("2026-12-10T20:00:00+01:00");
    const moved = berlin("2026-12-20T20:00:00+01:00");
    const nowMs = at("2026-12-10T19:00:00+01:00");
    expect(phase(first, nowMs, start, end)).toBe("ended");
    expect(phase(moved, nowMs, start, end)).toBe("not_yet");
    expect(phase(moved, at("2026-12-13T20:00:00+01:00"), start, end)).toBe("open");
    expect(phase(first, nowMs, start, end)).toBe("ended");
  });

  test("of an event without dates has not begun, whichever bound waits for them", () => {
    const facts = newFacts({ startsAtMs: null, endsAtMs: null });
    const moment = { before: "P1D", of: "start" } as const;
    expect(resolveMoment(facts, moment)).toBe("unresolved");
    expect(phase(facts, Date.now(), moment, null)).toBe("not_yet");
    expect(phase(facts, Date.now(), null, moment)).toBe("not_yet");
    expect(phase(facts, Date.now(), null, null)).toBe("open");
    expect(resolveMoment(newFacts({ timezone: "Nowhere/Town" }), moment)).toBe("unresolved");
  });

  test("that the event's move has reversed sells nothing", () => {
    const facts = berlin("2026-12-10T20:00:00+01:00");
    const bounds = [{ before: "P1D", of: "start" }, at("2026-12-01T00:00:00Z")] as const;
    for (const now of ["2026-11-01", "2026-12-05", "2026-12-09T19:30:00", "2026-12-10"])
      expect(phase(facts, at(now), ...bounds)).toBe("ended");
  });

  test("that would be empty or reversed is refused with the field that is wrong", () => {
    const facts = berlin("2026-12-10T20:00:00+01:00");
    const undated = newFacts({ startsAtMs: null, endsAtMs: null });
    const faultIn = (dates: typeof facts, salesStart: SalesMoment | null, salesEnd: SalesMoment | null) => {
      const checked = checkWindow(dates, { salesStart, salesEnd });
      return checked.ok ? null : checked.error.errors?.[0]?.path;
    };
    const before = (text: string, of: "start" | "end" = "start") => ({ before: text, of }) as const;
    const after = (text: string, of: "start" | "end" = "start") => ({ after: text, of }) as const;
    expect(faultIn(facts, before("P7D"), before("P1D"))).toBeNull();
    expect(faultIn(facts, before("P1D"), before("P1D"))).toBe("salesEndAt");
    expect(faultIn(facts, before("P1D"), before("P7D"))).toBe("salesEndAt");
    expect(faultIn(facts, before("P1D"), at("2026-12-09T19:00:00Z"))).toBe("salesEndAt");
    expect(faultIn(facts, before("P1D"), at("2026-12-09T19:00:01Z"))).toBeNull();
    expect(faultIn(facts, after("PT3H"), null)).toBe("salesStartAt");
    expect(faultIn(facts, after("PT2H59M"), null)).toBeNull();
    expect(faultIn(facts, after("PT0M", "end"), null)).toBe("salesStartAt");
    expect(faultIn(undated, after("PT0M", "end"), null)).toBe("salesStartAt");
    expect(faultIn(undated, before("P1D"), before("P7D"))).toBe("salesEndAt");
    expect(faultIn(undated, before("P1D"), before("P7D", "end"))).toBeNull();
    expect(faultIn(undated, 10, 10)).toBe("salesEndAt");
  });

  test("at another event keeps what moves by itself and takes instants along", () => {
    const moment = { before: "P1D", of: "start" } as const;
    expect([shiftMoment(null, 5), shiftMoment(10, 5), shiftMoment(moment, 5)]).toEqual([null, 15, moment]);
  });

  test("opens once and closes once, whatever its bounds and the event's dates", () => {
    const text = fc
      .record({ days: fc.nat(40), hours: fc.nat(30), minutes: fc.nat(90) })
      .map(({ days, hours, minutes }) => `P${days}DT${hours}H${minutes}M`);
    const of = fc.constantFrom("start" as const, "end" as const);
    const moment = fc.oneof(
      fc.constant(null),
      instant,
      fc.record({ before: text, of }),
      fc.record({ after: text, of }),
    );
    const rank = { not_yet: 0, open: 1, ended: 2 };
    fc.assert(
      fc.property(
        moment,
        moment,
        instant,
        fc.integer({ min: 1, max: 72 }),
        zone,
        (start, end, startsAtMs, hours, timezone) => {
          const facts = newFacts({ startsAtMs, endsAtMs: startsAtMs + hours * hourMs, timezone });
          const moments = [start, end, startsAtMs, facts.endsAtMs].map((bound) => resolveMoment(facts, bound));
          const times = moments.filter((bound) => typeof bound === "number").flatMap((ms) => [ms - 1, ms, ms + 1]);
          const ranks = times.sort((left, right) => left - right).map((ms) => rank[phase(facts, ms, start, end)]);
          expect(ranks).toEqual([...ranks].sort());
          // What is taken at saving with a start that moves can be sold at some moment.
          const isSold = ranks.includes(rank.open);
          const isRelative = typeof start === "object" && start !== null;
          if (checkWindow(facts, { salesStart: start, salesEnd: end }).ok && isRelative) expect(isSold).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
