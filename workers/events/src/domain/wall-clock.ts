import { toZonedTime } from "@foyer/kernel/time-zones";
import { Temporal } from "temporal-polyfill";

/**
 * A wall-clock time as a number: the epoch milliseconds that it would have in UTC. Sums and differences of such numbers are those that people
 * mean by "an hour later" on a clock, whatever its zone does meanwhile.
 */
export type WallMs = number;

/** The instant of a wall-clock time in a zone. One that is skipped counts by the offset before the gap, of two the first is meant: RFC 5545, 3.3.5. */
export function instantOfWall(wallMs: WallMs, timezone: string): number {
  const local = new Date(wallMs).toISOString().slice(0, -1);
  return Temporal.PlainDateTime.from(local).toZonedDateTime(timezone, { disambiguation: "compatible" })
    .epochMilliseconds;
}

/** What the clocks of a zone show at an instant. */
export function wallOfInstant(epochMs: number, timezone: string): WallMs {
  const remainderMs = ((epochMs % 1000) + 1000) % 1000;
  return Date.parse(`${toZonedTime(epochMs, timezone).local}Z`) + remainderMs;
}

/** A wall-clock time or date as text, `2027-01-11T20:00:00` or `2027-01-11`. */
export function formatWall(wallMs: WallMs, allDay: boolean): string {
  return new Date(wallMs).toISOString().slice(0, allDay ? 10 : 19);
}

/** Reads `2027-01-11`, `2027-01-11T20:00` or `2027-01-11T20:00:00`; null where the calendar or the clock has no such thing. */
export function parseWall(text: string): WallMs | null {
  const full = text.length === 10 ? `${text}T00:00:00` : text.length === 16 ? `${text}:00` : text;
  const wallMs = Date.parse(`${full}Z`);
  return Number.isFinite(wallMs) && formatWall(wallMs, false) === full ? wallMs : null;
}
