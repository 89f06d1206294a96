import { required } from "@foyer/kernel/assert";
import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";
import { slugify } from "@foyer/kernel/slugs";
import { type EventWithText, newLife } from "./event.ts";
import type { Anchor, RecurrenceInput } from "./recurrence.ts";
import { formatWall, instantOfWall, parseWall, wallOfInstant } from "./wall-clock.ts";

/** When dates of a series are, seen from their recurrence ids; milliseconds by the wall clock. */
export interface SeriesTiming {
  /** From the recurrence id to the start; not zero once a whole series was moved. */
  readonly shiftMs: number;
  readonly durationMs: number;
}

/** A recurring series. */
export interface Series extends RecurrenceInput, SeriesTiming {
  readonly id: Id<"series">;
  readonly organizationId: OrganizationId;
  /** Recurrence id that the rule counts from. */
  readonly startsLocal: string;
  /** The event that dates are made like; its times, id and state mean nothing. */
  readonly template: EventWithText;
  readonly patternEventId: EventId;
  /** Whether dates that are added are published as they are made. */
  readonly publishes: boolean;
  /** Number of its newest change. */
  readonly change: number;
}

/**
 * `pending`: without its event yet. `leaving`: the rule has it no more, and its event goes unless it has become public. `ending`: the rule has it no
 * more, and that its public event is cancelled was agreed to. `excepted`: called off or deleted, and not to be made anew.
 */
export type DateState = "pending" | "made" | "leaving" | "ending" | "excepted";

/** One date of a series. */
export interface SeriesDate {
  readonly recurrenceId: string;
  /** Chosen with the date: whoever makes it, makes the same event. */
  readonly eventId: EventId;
  readonly state: DateState;
  /** Whether it is yet to be published. */
  readonly publish: boolean;
  /** The series' change that it has followed last. */
  readonly change: number;
}

/** What a series' rule counts from. */
export function anchorOf(series: Pick<Series, "startsLocal" | "template">): Anchor {
  // By the id and not by the template: dates keep the form of their ids, whatever becomes of their hours.
  const allDay = series.startsLocal.length === 10;
  return { startsLocal: series.startsLocal, timezone: series.template.timezone, allDay };
}

/** The recurrence id of an event that is to be the first of a series. */
export function recurrenceIdOf(event: Pick<EventWithText, "startsAtMs" | "timezone" | "allDay">): string {
  const startsAtMs = required(event.startsAtMs, "the first of a series has a start");
  return formatWall(wallOfInstant(startsAtMs, event.timezone), event.allDay);
}

function wallOfId(recurrenceId: string): number {
  return required(parseWall(recurrenceId), "a recurrence id is a time that there is");
}

/** How an event's times look from its recurrence id, by the clocks at the event. */
export function timingOf(
  event: Pick<EventWithText, "startsAtMs" | "endsAtMs" | "timezone">,
  recurrenceId: string,
): SeriesTiming {
  const startWall = wallOfInstant(required(event.startsAtMs, "a date has a start"), event.timezone);
  const endWall = wallOfInstant(required(event.endsAtMs, "a date has an end"), event.timezone);
  return { shiftMs: startWall - wallOfId(recurrenceId), durationMs: endWall - startWall };
}

/**
 * When a date is. Starts and ends keep their time of day whatever the clocks of the zone do in between (RFC 5545 calls this a nominal duration);
 * only where they would leave no time at all, it lasts as many hours as the clock faces lie apart.
 */
export function timesOf(
  recurrenceId: string,
  { shiftMs, durationMs }: SeriesTiming,
  timezone: string,
): { readonly startsAtMs: number; readonly endsAtMs: number } {
  const startWall = wallOfId(recurrenceId) + shiftMs;
  const startsAtMs = instantOfWall(startWall, timezone);
  const endsAtMs = instantOfWall(startWall + durationMs, timezone);
  return { startsAtMs, endsAtMs: endsAtMs > startsAtMs ? endsAtMs : startsAtMs + Math.max(durationMs, 60_000) };
}

/** Slugs to try for a date, best first: the title with the day, with the hour as well, and one that the id makes unique. */
export function occurrenceSlugs(series: Series, date: Pick<SeriesDate, "recurrenceId" | "eventId">): readonly string[] {
  const title = slugify(series.template.title);
  const base = title === "" ? "event" : title;
  const local = formatWall(wallOfId(date.recurrenceId) + series.shiftMs, false);
  const day = local.slice(0, 10);
  return [
    `${base}-${day}`,
    `${base}-${day}-${local.slice(11, 16).replace(":", "")}`,
    `${base}-${date.eventId.slice(-10)}`,
  ];
}

/** The event of a date as it is made: a draft like the series' template, at the date's own times. */
export function occurrenceOf(
  series: Series,
  date: Pick<SeriesDate, "recurrenceId" | "eventId">,
  made: { readonly slug: string; readonly nowMs: number },
): EventWithText {
  return {
    ...series.template,
    ...newLife(made.nowMs),
    ...timesOf(date.recurrenceId, series, series.template.timezone),
    id: date.eventId,
    slug: made.slug,
    // It is bound to the id of the event that it was given to.
    passwordHash: null,
    seriesId: series.id,
    recurrenceId: date.recurrenceId,
  };
}
