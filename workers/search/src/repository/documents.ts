import type { Payload, PublicEvent } from "@foyer/contracts/messages/catalog";
import { toZonedTime } from "@foyer/kernel/time-zones";
import { dictionaryWords, indexedText } from "../domain/document.ts";

/** Columns in the order of their values in {@link upsertDocument}. */
const columns = [
  "event_id",
  "organization_id",
  "version",
  "listed",
  "finished",
  "starts_at_ms",
  "ends_at_ms",
  "online",
  "latitude",
  "longitude",
  "category_id",
  "starts_at_local",
  "timezone",
  "slug",
  "cover_media_id",
  "title",
  "category_name",
  "organization_name",
  "place",
  "tags",
  "tag_keys",
  "summary",
  "description",
] as const;

const upsertSql = `INSERT INTO documents (${columns.join(", ")})
  VALUES (${columns.map((_, index) => `?${index + 1}`).join(", ")})
  ON CONFLICT (event_id) DO UPDATE SET ${columns
    .slice(1)
    .map((column) => `${column} = excluded.${column}`)
    .join(", ")}
  WHERE excluded.version > documents.version`;

/** What makes an event findable as it is now; older news than what is known changes nothing. */
export function upsertDocument(db: D1Database, event: PublicEvent): D1PreparedStatement[] {
  const text = indexedText(event);
  return [
    db
      .prepare(upsertSql)
      .bind(
        event.eventId,
        event.organizationId,
        event.version,
        1,
        0,
        event.startsAtMs,
        event.endsAtMs,
        event.online ? 1 : 0,
        event.latitude,
        event.longitude,
        event.categoryId,
        toZonedTime(event.startsAtMs, event.timezone).local,
        event.timezone,
        event.slug,
        event.coverMediaId,
        text.title,
        text.categoryName,
        text.organizationName,
        text.place,
        JSON.stringify(text.tags),
        JSON.stringify(text.tagKeys),
        text.summary,
        text.description,
      ),
    db
      .prepare("INSERT INTO words (word) SELECT value FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING")
      .bind(JSON.stringify(dictionaryWords(text))),
  ];
}

/**
 * Takes an event out of the index and leaves a tombstone: its version, and nothing of its text. On the same version the
 * removal wins, whichever comes first.
 */
export function removeDocument(db: D1Database, event: Payload<"event.deleted">): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `INSERT INTO documents (event_id, organization_id, version, listed) VALUES (?1, ?2, ?3, 0)
         ON CONFLICT (event_id) DO UPDATE SET version = excluded.version, organization_id = excluded.organization_id,
           listed = 0, finished = 0, starts_at_ms = 0, ends_at_ms = 0, online = 0, latitude = NULL, longitude = NULL,
           category_id = NULL, starts_at_local = '', timezone = 'UTC', slug = '', cover_media_id = NULL, title = '',
           category_name = '', organization_name = '', place = '', tags = '[]', tag_keys = '[]', summary = '', description = ''
         WHERE excluded.version >= documents.version`,
      )
      .bind(event.eventId, event.organizationId, event.version),
  ];
}

/** Prices and stock, by their own sequence; they may come before the event itself is known. */
export function recordPrices(db: D1Database, prices: Payload<"capacity.changed">): D1PreparedStatement[] {
  return [
    db
      .prepare(
        `INSERT INTO documents (event_id, organization_id, version, listed, sale_sequence, price_min_minor, price_max_minor,
           currency, sold_out)
         VALUES (?1, ?2, 0, 0, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (event_id) DO UPDATE SET sale_sequence = excluded.sale_sequence,
           price_min_minor = excluded.price_min_minor, price_max_minor = excluded.price_max_minor,
           currency = excluded.currency, sold_out = excluded.sold_out
         WHERE excluded.sale_sequence > documents.sale_sequence`,
      )
      .bind(
        prices.eventId,
        prices.organizationId,
        prices.sequence,
        prices.priceMin?.amount ?? null,
        prices.priceMax?.amount ?? null,
        prices.priceMin?.currency ?? prices.priceMax?.currency ?? null,
        prices.soldOut ? 1 : 0,
      ),
  ];
}

/** Marks events that are over, at most a thousand a call. */
export async function finishPast(db: D1Database, nowMs: number): Promise<number> {
  const result = await db
    .prepare(
      `UPDATE documents SET finished = 1 WHERE id IN
         (SELECT id FROM documents WHERE listed = 1 AND finished = 0 AND ends_at_ms <= ?1 LIMIT 1000)`,
    )
    .bind(nowMs)
    .run();
  return result.meta.changes;
}

/** Looks at some words of the dictionary, from a random one on, and forgets those that no document has any more. */
export async function forgetUnusedWords(db: D1Database): Promise<number> {
  const result = await db
    .prepare(
      `DELETE FROM words WHERE id IN (
         SELECT w.id FROM (
           SELECT id, word FROM words WHERE id > (SELECT abs(random()) % (max(id) + 1) - 200 FROM words) ORDER BY id LIMIT 200
         ) w WHERE NOT EXISTS (SELECT 1 FROM documents_fts WHERE documents_fts MATCH '"' || w.word || '"'))`,
    )
    .run();
  return result.meta.changes;
}
