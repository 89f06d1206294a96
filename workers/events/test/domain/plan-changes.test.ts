import type { EventLocation } from "@foyer/contracts/events/api";
import { describe, expect, test } from "vitest";
import { isSold, noticeOf, planChanges, revisionMarks } from "../../src/domain/plan-changes.ts";

const hall = { kind: "venue", name: "Hall", address: "1 Road", city: "Oslo", country: "NO" } as const;
const event = {
  status: "published" as const,
  startsAtMs: 1_000,
  endsAtMs: 2_000,
  location: hall as EventLocation | null,
  publishedAtMs: 1 as number | null,
  previousStartsAtMs: null as number | null,
  calendarSequence: 4,
};

describe("plans", () => {
  test("are upset by another start, end or place, and by nothing else", () => {
    expect(planChanges(event, event)).toEqual([]);
    expect(planChanges(event, { ...event, startsAtMs: 1_001, endsAtMs: 2_001 })).toEqual(["startsAt", "endsAt"]);
    for (const change of [{ name: "Yard" }, { address: "2 Road" }, { city: "Bergen" }, { country: "SE" }])
      expect(planChanges(event, { ...event, location: { ...hall, ...change } })).toEqual(["location"]);
    expect(planChanges(event, { ...event, location: { kind: "online" } })).toEqual(["location"]);
    expect(planChanges(event, { ...event, location: { ...hall, latitude: 59.9, longitude: 10.7 } })).toEqual([]);
    const online = { ...event, location: { kind: "online", url: "https://meet.example/a" } as const };
    const other = { ...event, location: { kind: "online", url: "https://meet.example/b" } as const };
    expect(planChanges(online, other)).toEqual([]);
  });

  test("are nobody's before an event is announced, and somebody's while it is postponed", () => {
    for (const status of ["draft", "scheduled"] as const)
      expect(planChanges({ ...event, status }, { ...event, status, startsAtMs: 1 })).toEqual([]);
    const postponed = { ...event, status: "postponed" as const };
    expect(planChanges(postponed, { ...postponed, startsAtMs: 1 })).toEqual(["startsAt"]);
  });

  test("are told of as another time where time and place change at once", () => {
    expect(noticeOf([])).toBeNull();
    expect(noticeOf(["location"])).toBe("relocated");
    expect(noticeOf(["endsAt", "location"])).toBe("rescheduled");
  });

  test("are somebody's as soon as a ticket is ordered", () => {
    const nothing = { confirmedOrders: 0, openOrders: 0, activeReservations: 3, validTickets: 0 };
    expect(isSold(nothing)).toBe(false);
    for (const some of ["confirmedOrders", "openOrders", "validTickets"])
      expect(isSold({ ...nothing, [some]: 1 })).toBe(true);
  });
});

describe("marks of a change", () => {
  test("the first start that was announced is kept through all moves, until the event is back at it", () => {
    const moved = { ...event, startsAtMs: 5, ...revisionMarks(event, { ...event, startsAtMs: 5 }) };
    expect(moved).toMatchObject({ previousStartsAtMs: 1_000, calendarSequence: 5 });
    const again = { ...moved, startsAtMs: 9, ...revisionMarks(moved, { ...moved, startsAtMs: 9 }) };
    expect(again).toMatchObject({ previousStartsAtMs: 1_000, calendarSequence: 6 });
    expect(revisionMarks(again, again)).toEqual({ previousStartsAtMs: 1_000, calendarSequence: 6 });
    expect(revisionMarks(again, { ...again, startsAtMs: 1_000 })).toEqual({
      previousStartsAtMs: null,
      calendarSequence: 7,
    });
  });

  test("calendars learn of what becomes of an event that they know", () => {
    const sequence = (from: Partial<typeof event> | object, to: object): number => {
      const before = { ...event, ...from };
      return revisionMarks(before, { ...before, ...to }).calendarSequence - event.calendarSequence;
    };
    expect(sequence({}, { status: "postponed" })).toBe(1);
    expect(sequence({}, { status: "cancelled" })).toBe(1);
    expect(sequence({}, { status: "draft" })).toBe(1);
    expect(sequence({ status: "postponed" }, { status: "published" })).toBe(1);
    expect(sequence({}, { status: "completed" })).toBe(0);
    expect(sequence({ status: "cancelled" }, { status: "archived" })).toBe(0);
    expect(sequence({ status: "draft", publishedAtMs: null }, { status: "published" })).toBe(0);
    expect(sequence({}, { title: "Else" })).toBe(0);
  });

  test("what is withdrawn is no longer known by an old date", () => {
    const moved = { ...event, previousStartsAtMs: 7 };
    expect(revisionMarks(moved, { ...moved, status: "draft" }).previousStartsAtMs).toBeNull();
    expect(revisionMarks(moved, { ...moved, status: "cancelled" }).previousStartsAtMs).toBe(7);
  });
});
