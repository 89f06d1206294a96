import type { EventWithText } from "../domain/event.ts";

type Stored = string | number | null;

/** What an event is made with and keeps. */
const fixed: Readonly<Record<string, (event: EventWithText) => Stored>> = {
  id: (event) => event.id,
  organization_id: (event) => event.organizationId,
  created_at_ms: (event) => event.createdAtMs,
};

/** What a change may touch, but for the status, which is written with its own condition. */
const changeable: Readonly<Record<string, (event: EventWithText) => Stored>> = {
  organization_name: (event) => event.organizationName,
  slug: (event) => event.slug,
  version: (event) => event.version,
  locale: (event) => event.locale,
  title: (event) => event.title,
  summary: (event) => event.summary,
  description: (event) => event.description,
  translations: (event) => JSON.stringify(event.translations),
  starts_at_ms: (event) => event.startsAtMs,
  ends_at_ms: (event) => event.endsAtMs,
  timezone: (event) => event.timezone,
  all_day: (event) => Number(event.allDay),
  location: (event) => (event.location === null ? null : JSON.stringify(event.location)),
  category_id: (event) => event.categoryId,
  tags: (event) => JSON.stringify(event.tags),
  visibility: (event) => event.visibility,
  access_version: (event) => event.accessVersion,
  password_hash: (event) => event.passwordHash,
  minimum_age: (event) => event.minimumAge,
  details: (event) => JSON.stringify(event.details),
  cover_media_id: (event) => event.cover?.mediaId ?? null,
  updated_at_ms: (event) => event.updatedAtMs,
  published_at_ms: (event) => event.publishedAtMs,
  publish_at_ms: (event) => event.publishAtMs,
  status_note: (event) => event.statusNote,
  previous_starts_at_ms: (event) => event.previousStartsAtMs,
  calendar_sequence: (event) => event.calendarSequence,
  series_id: (event) => event.seriesId,
  recurrence_id: (event) => event.recurrenceId,
  overrides: (event) => JSON.stringify(event.overrides),
};

/** Whether a slug, as an SQL expression, is still to be had bare. */
const isBare = (slug: string): string =>
  `NOT EXISTS (SELECT 1 FROM event_slugs WHERE event_slugs.slug = ${slug} AND event_slugs.bare = 1)`;

/** Stores a new event with the claim of its slug; the batch is undone where its organization has or had that slug. */
export function insertStatements(db: D1Database, event: EventWithText): D1PreparedStatement[] {
  const columns = { ...fixed, status: (known: EventWithText) => known.status, ...changeable };
  const names = Object.keys(columns);
  const marks = names.map((_, index) => `?${index + 1}`);
  return [
    db
      .prepare(
        `INSERT INTO events (${names.join(", ")}, slug_is_bare)
         VALUES (${marks.join(", ")}, ${isBare(`?${names.indexOf("slug") + 1}`)})`,
      )
      .bind(...Object.values(columns).map((read) => read(event))),
    claimSlug(db, event),
  ];
}

/**
 * Gives an event another slug, one of its own from before or a new one, with the word whether it has it bare. The batch is undone where
 * another event of the organization has or had that slug. The event's row is written by `updateStatement`.
 */
export function renameStatements(db: D1Database, event: EventWithText): D1PreparedStatement[] {
  return [
    claimSlug(db, event),
    db
      .prepare(
        `UPDATE events SET slug_is_bare = (
           SELECT s.bare FROM event_slugs s WHERE s.organization_id = events.organization_id AND s.slug = ?2) WHERE id = ?1`,
      )
      .bind(event.id, event.slug),
  ];
}

/** Claims an event's present slug for it. What it claimed before stays its own, and is not claimed twice. */
function claimSlug(db: D1Database, event: EventWithText): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO event_slugs (organization_id, slug, event_id, bare, claimed_at_ms)
       SELECT ?1, ?2, ?3, ${isBare("?2")}, ?4 WHERE NOT EXISTS (
         SELECT 1 FROM event_slugs WHERE organization_id = ?1 AND slug = ?2 AND event_id = ?3)`,
    )
    .bind(event.organizationId, event.slug, event.id, event.updatedAtMs);
}

/**
 * Writes every changeable column of an event. An organization that has closed gets nothing public any more: the batch is undone then, see
 * `isOvertaken`.
 */
export function updateStatement(db: D1Database, event: EventWithText): D1PreparedStatement {
  const names = Object.keys(changeable);
  return db
    .prepare(
      `UPDATE events SET status = CASE WHEN ?2 <> 'published' OR NOT EXISTS (
           SELECT 1 FROM closed_organizations c WHERE c.organization_id = events.organization_id) THEN ?2 END,
         ${names.map((name, index) => `${name} = ?${index + 3}`).join(", ")} WHERE id = ?1`,
    )
    .bind(event.id, event.status, ...Object.values(changeable).map((read) => read(event)));
}
