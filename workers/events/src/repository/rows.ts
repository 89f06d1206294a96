import type { EventDetails, EventLocation, EventStatus, EventText, Visibility } from "@foyer/contracts/events/api";
import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";
import type { Cover, Event, EventWithText } from "../domain/event.ts";

/** Columns of an event as a list shows it, with its cover; for {@link eventFromRow}. */
export const eventColumns = `e.id, e.organization_id AS organizationId, e.organization_name AS organizationName, e.slug,
  e.slug_is_bare AS slugIsBare, e.status, e.version, e.locale, e.title, e.summary, e.starts_at_ms AS startsAtMs,
  e.ends_at_ms AS endsAtMs, e.timezone, e.all_day AS allDay, e.location, e.category_id AS categoryId, e.tags, e.visibility,
  e.access_version AS accessVersion, e.minimum_age AS minimumAge, e.cover_media_id AS coverMediaId,
  e.created_at_ms AS createdAtMs, e.updated_at_ms AS updatedAtMs, e.published_at_ms AS publishedAtMs,
  e.publish_at_ms AS publishAtMs, e.status_note AS statusNote, e.previous_starts_at_ms AS previousStartsAtMs,
  e.calendar_sequence AS calendarSequence, e.series_id AS seriesId, e.recurrence_id AS recurrenceId,
  m.content_type AS coverContentType, m.width AS coverWidth, m.height AS coverHeight`;

/** Columns of an event alone; for {@link eventWithTextFromRow}. */
export const eventWithTextColumns = `${eventColumns}, e.description, e.translations, e.details,
  e.password_hash AS passwordHash, e.overrides`;

export interface EventRow {
  readonly id: EventId;
  readonly organizationId: OrganizationId;
  readonly organizationName: string;
  readonly slug: string;
  readonly slugIsBare: number;
  readonly status: EventStatus;
  readonly version: number;
  readonly locale: string;
  readonly title: string;
  readonly summary: string;
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
  readonly timezone: string;
  readonly allDay: number;
  readonly location: string | null;
  readonly categoryId: Id<"category"> | null;
  readonly tags: string;
  readonly visibility: Visibility;
  readonly accessVersion: number;
  readonly minimumAge: number | null;
  readonly coverMediaId: Id<"media"> | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly publishedAtMs: number | null;
  readonly publishAtMs: number | null;
  readonly statusNote: string | null;
  readonly previousStartsAtMs: number | null;
  readonly calendarSequence: number;
  readonly seriesId: Id<"series"> | null;
  readonly recurrenceId: string | null;
  readonly coverContentType: string | null;
  readonly coverWidth: number | null;
  readonly coverHeight: number | null;
}

export interface EventWithTextRow extends EventRow {
  readonly description: string;
  readonly translations: string;
  readonly details: string;
  readonly passwordHash: string | null;
  readonly overrides: string;
  readonly categoryName: string | null;
}

function coverFromRow(row: EventRow): Cover | null {
  const { coverMediaId: mediaId, coverContentType: contentType, coverWidth: width, coverHeight: height } = row;
  if (mediaId === null || contentType === null || width === null || height === null) return null;
  return { mediaId, contentType, width, height };
}

/**
 * A row as a domain value. What is in the JSON columns went through the contract's schemas on its way in and nobody else writes
 * here, so it is not validated again: a page of a list would spend more time on that than on its query.
 */
export function eventFromRow(row: EventRow): Event {
  const location: EventLocation | null = row.location === null ? null : JSON.parse(row.location);
  const tags: string[] = JSON.parse(row.tags);
  return {
    id: row.id,
    organizationId: row.organizationId,
    organizationName: row.organizationName,
    slug: row.slug,
    slugIsBare: row.slugIsBare === 1,
    status: row.status,
    version: row.version,
    locale: row.locale,
    title: row.title,
    summary: row.summary,
    startsAtMs: row.startsAtMs,
    endsAtMs: row.endsAtMs,
    timezone: row.timezone,
    allDay: row.allDay === 1,
    location,
    categoryId: row.categoryId,
    tags,
    visibility: row.visibility,
    accessVersion: row.accessVersion,
    minimumAge: row.minimumAge,
    cover: coverFromRow(row),
    createdAtMs: row.createdAtMs,
    updatedAtMs: row.updatedAtMs,
    publishedAtMs: row.publishedAtMs,
    publishAtMs: row.publishAtMs,
    statusNote: row.statusNote,
    previousStartsAtMs: row.previousStartsAtMs,
    calendarSequence: row.calendarSequence,
    seriesId: row.seriesId,
    recurrenceId: row.recurrenceId,
  };
}

export function eventWithTextFromRow(row: EventWithTextRow): EventWithText {
  const translations: Record<string, EventText> = JSON.parse(row.translations);
  const details: EventDetails = JSON.parse(row.details);
  const overrides: string[] = JSON.parse(row.overrides);
  const { description, categoryName, passwordHash } = row;
  return { ...eventFromRow(row), description, translations, details, categoryName, passwordHash, overrides };
}

/**
 * Whether a batch was undone because another change came first: its version or slot was taken, the event is gone, or its organization
 * has closed.
 */
export function isOvertaken(thrown: unknown): boolean {
  return (
    thrown instanceof Error &&
    /UNIQUE constraint failed: (?:event_changes|media)\.|FOREIGN KEY constraint failed|NOT NULL constraint failed: events\.status/.test(
      thrown.message,
    )
  );
}

/** Whether a batch was undone because the id of a new event has one already. */
export function isIdTaken(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message.includes("UNIQUE constraint failed: events.id");
}

/** Whether a batch was undone because a slug of this table is taken. */
export function isSlugTaken(thrown: unknown, table: "event_slugs" | "categories"): boolean {
  return thrown instanceof Error && new RegExp(`UNIQUE constraint failed: .*${table}\\.slug`).test(thrown.message);
}
