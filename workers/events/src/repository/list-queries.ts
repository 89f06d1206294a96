import type { EventStatus, Visibility } from "@foyer/contracts/events/api";
import type { MemberOrder } from "@foyer/contracts/events/lists";
import { dayMs } from "@foyer/kernel/clock";
import type { Id, OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { eventColumns } from "./rows.ts";

/** What narrows a list of events. Times are epoch milliseconds. */
export interface EventFilter {
  readonly organizationId?: OrganizationId | undefined;
  readonly categoryId?: Id<"category"> | undefined;
  readonly venueId?: Id<"venue"> | undefined;
  readonly seriesId?: Id<"series"> | undefined;
  /** Whether one can take part from elsewhere: online and hybrid events. */
  readonly online?: boolean | undefined;
  /** The city of its place; case does not count. */
  readonly city?: string | undefined;
  /** Starting at or after, and before. */
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** What members may narrow their list by besides. */
export interface MemberFilter extends EventFilter {
  readonly status?: EventStatus | undefined;
  readonly visibility?: Visibility | undefined;
  /** Changed at or after. */
  readonly updatedSinceMs?: number | undefined;
}

type Value = string | number;

/** A statement with its values, for the repository to run and for tests to explain. */
export interface ListQuery {
  readonly sql: string;
  readonly values: readonly Value[];
}

/** Where a page begins: behind the row with this key. */
export type SortKey = readonly [number, string];

export const listed = "e.status = 'published' AND e.visibility = 'public'";
const shown = "e.visibility = 'public' AND e.published_at_ms IS NOT NULL AND e.status IN";
const calledOff = `${shown} ('postponed', 'cancelled')`;
const inCalendar = `${shown} ('published', 'postponed', 'cancelled', 'completed')`;

/** Which index the public list walks: that of the filter named first, since it leaves the fewest. The others are looked at in each row. */
const publicIndexes: readonly (readonly [(filter: EventFilter) => boolean, string])[] = [
  [(filter) => filter.seriesId !== undefined, "events_listed_by_series"],
  [(filter) => filter.venueId !== undefined, "events_listed_by_venue"],
  [(filter) => filter.organizationId !== undefined, "events_listed_by_organization"],
  [(filter) => filter.city !== undefined, "events_listed_by_city"],
  [(filter) => filter.categoryId !== undefined, "events_listed_by_category"],
  [(filter) => filter.online === true, "events_listed_online"],
  [() => true, "events_listed"],
];

/** Listed events by their start; without `fromMs`, those that have not ended. */
export function publicList(
  filter: EventFilter,
  page: { readonly limit: number; readonly after: SortKey | null; readonly nowMs: number },
): ListQuery {
  const { fromMs, ...others } = filter;
  const where = conditions(others);
  if (fromMs === undefined) where.add("e.ends_at_ms > ?", page.nowMs);
  // One lower bound at a time: with two, SQLite may begin at the lesser and walk all earlier pages again.
  const earliestMs = fromMs ?? page.nowMs - limits.eventDurationDaysMax * dayMs;
  if (page.after === null || page.after[0] < earliestMs) where.add("e.starts_at_ms >= ?", earliestMs);
  if (page.after !== null) where.add("(e.starts_at_ms, e.id) > (?, ?)", ...page.after);
  const index = publicIndexes.find(([applies]) => applies(filter))?.[1] ?? "events_listed";
  return statement(index, listed, where, "e.starts_at_ms, e.id", page.limit);
}

/** Listed events that have not ended, what was made public last first. */
export function latestList(filter: EventFilter, page: { readonly limit: number; readonly nowMs: number }): ListQuery {
  const where = conditions(filter);
  where.add("e.ends_at_ms > ?", page.nowMs);
  const index =
    filter.organizationId === undefined
      ? "events_listed_by_publication"
      : "events_listed_by_organization_and_publication";
  return statement(index, listed, where, "e.published_at_ms DESC, e.id DESC", page.limit);
}

/** Events that were public and are postponed or cancelled, by the start they have or had. */
export function calledOffList(
  filter: EventFilter,
  page: { readonly limit: number; readonly earliestMs: number },
): ListQuery {
  const { fromMs, ...others } = filter;
  const where = conditions(others);
  sinceThen(where, page.earliestMs, fromMs);
  return statement("events_called_off", calledOff, where, "e.starts_at_ms, e.id", page.limit);
}

/** Everything of an organization that belongs in a calendar, by start: what is over or called off too. */
export function calendarList(
  organizationId: OrganizationId,
  page: { readonly limit: number; readonly earliestMs: number },
): ListQuery {
  const where = conditions({ organizationId });
  sinceThen(where, page.earliestMs, undefined);
  return statement("events_in_calendar_of_organization", inCalendar, where, "e.starts_at_ms, e.id", page.limit);
}

/** An organization's published and postponed events that are not over, by their start, for its members. */
export function upcomingList(
  organizationId: OrganizationId,
  page: { readonly limit: number; readonly nowMs: number },
): ListQuery {
  const where = conditions({ organizationId });
  where.add("e.start_order_ms >= ?", page.nowMs - limits.eventDurationDaysMax * dayMs);
  where.add("e.ends_at_ms > ?", page.nowMs);
  where.add("e.status IN ('published', 'postponed')");
  return statement("events_of_organization_by_start", "1", where, "e.start_order_ms, e.id", page.limit);
}

/** What had not ended at a moment, so that what has long been running is not lost; and, where asked for, does not begin before another. */
function sinceThen(where: Conditions, earliestMs: number, fromMs: number | undefined): void {
  where.add("e.ends_at_ms > ?", earliestMs);
  const earliestStartMs = earliestMs - limits.eventDurationDaysMax * dayMs;
  where.add("e.starts_at_ms >= ?", Math.max(fromMs ?? earliestStartMs, earliestStartMs));
}

/** How a member's order reads: its index, its columns, and what its cursor is compared with. */
const memberOrders: Readonly<Record<MemberOrder, { index: string; by: string; after: string }>> = {
  created: { index: "events_of_organization", by: "e.id DESC", after: "e.id < ?" },
  start: {
    index: "events_of_organization_by_start",
    by: "e.start_order_ms, e.id",
    after: "(e.start_order_ms, e.id) > (?, ?)",
  },
  updated: {
    index: "events_of_organization_by_update",
    by: "e.updated_at_ms, e.id",
    after: "(e.updated_at_ms, e.id) > (?, ?)",
  },
};

/** All events of an organization, for its members. */
export function memberList(
  filter: MemberFilter & { readonly organizationId: OrganizationId },
  page: { readonly limit: number; readonly order: MemberOrder; readonly after: readonly Value[] | null },
): ListQuery {
  const { index, by, after } = memberOrders[page.order];
  const { updatedSinceMs, fromMs, toMs, ...others } = filter;
  const where = conditions(others);
  if (others.status !== undefined) where.add("e.status = ?", others.status);
  if (others.visibility !== undefined) where.add("e.visibility = ?", others.visibility);
  // As above: a cursor that lies behind the earliest takes its place.
  const passed = page.order === "created" ? null : (page.after?.[0] ?? null);
  const isPassed = (earliestMs: number): boolean => typeof passed === "number" && passed >= earliestMs;
  if (updatedSinceMs !== undefined && !(page.order === "updated" && isPassed(updatedSinceMs)))
    where.add("e.updated_at_ms >= ?", updatedSinceMs);
  const start = page.order === "start" ? "e.start_order_ms" : "e.starts_at_ms";
  if (fromMs !== undefined) {
    where.add("e.starts_at_ms IS NOT NULL");
    if (!(page.order === "start" && isPassed(fromMs))) where.add(`${start} >= ?`, fromMs);
  }
  if (toMs !== undefined) where.add(`${start} < ?`, toMs);
  if (page.after !== null) where.add(after, ...page.after);
  const narrowest =
    page.order === "created" && others.status !== undefined ? "events_of_organization_by_status" : index;
  return statement(narrowest, "1", where, by, page.limit);
}

function statement(index: string, fixed: string, where: Conditions, order: string, limit: number): ListQuery {
  return {
    // The index is named, because which one SQLite would choose depends on figures that it may not have.
    sql: `SELECT ${eventColumns} FROM events e INDEXED BY ${index} LEFT JOIN media m ON m.id = e.cover_media_id
      WHERE ${fixed}${where.sql()} ORDER BY ${order} LIMIT ?`,
    values: [...where.values, limit],
  };
}

type Conditions = ReturnType<typeof conditions>;

/** Conditions joined by AND, with their values in order. The texts are this file's own; only values come from callers. */
function conditions(filter: EventFilter) {
  const texts: string[] = [];
  const values: Value[] = [];
  const add = (text: string, ...bound: readonly Value[]): void => {
    texts.push(` AND ${text}`);
    values.push(...bound);
  };
  if (filter.organizationId !== undefined) add("e.organization_id = ?", filter.organizationId);
  if (filter.categoryId !== undefined) add("e.category_id = ?", filter.categoryId);
  if (filter.venueId !== undefined) add("e.venue_id = ?", filter.venueId);
  if (filter.seriesId !== undefined) add("e.series_id = ?", filter.seriesId);
  // Written out: a partial index is not taken for a value that is only bound.
  if (filter.online !== undefined) add(filter.online ? "e.online = 1" : "e.online = 0");
  if (filter.city !== undefined) add("e.city = lower(?)", filter.city);
  if (filter.fromMs !== undefined) add("e.starts_at_ms >= ?", filter.fromMs);
  if (filter.toMs !== undefined) add("e.starts_at_ms < ?", filter.toMs);
  return { add, values, sql: () => texts.join("") };
}
