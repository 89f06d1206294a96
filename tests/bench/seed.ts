import { newId } from "@foyer/kernel/ids";
import type { Platform } from "../../scripts/platform/start.ts";

/** Words that titles and descriptions of the bench's events are made of. */
export const benchWords = ["music", "night", "open", "city", "garden", "winter", "jazz", "talk", "film", "market"];
/** Where all of them take place. */
export const benchLocation =
  '{"kind":"venue","name":"Bench Hall","address":"Pier 1","city":"Hamburg","country":"Germany"}';
const rowsAtOnce = 500;

/** Events with these ids, in chunks: spread over a year from now, every word and number equally often. */
export function* benchEvents(ids: readonly string[], atOnce: number) {
  const nowMs = Date.now();
  for (let from = 0; from < ids.length; from += atOnce) {
    yield ids.slice(from, from + atOnce).map((id, offset) => {
      const index = from + offset;
      const word = (shift: number): string => benchWords[(index * 7 + shift) % benchWords.length] ?? "";
      const startsAtMs = nowMs + (1 + (index % 360)) * 86_400_000 + index;
      return {
        id,
        title: `${word(0)} ${word(1)} ${index % 5_000}`,
        slug: `bench-${index}`,
        startsAtMs,
        endsAtMs: startsAtMs + 7_200_000,
        description: `An evening of ${word(2)} and ${word(3)} in the ${word(4)} hall, number ${index}.`,
      };
    });
  }
}

/** Writes published events straight into the databases of events and search, or of the first alone; returns their ids. */
export async function seedEvents(
  platform: Platform,
  organizationId: string,
  count: number,
  into: readonly ("events" | "search")[] = ["events", "search"],
): Promise<string[]> {
  const nowMs = Date.now();
  const ids = Array.from({ length: count }, () => newId("event", nowMs));
  const [events, search] = [await platform.database("events"), await platform.database("search")];
  for (const rows of benchEvents(ids, rowsAtOnce)) {
    const chunk = JSON.stringify(rows);
    await events
      .prepare(
        `INSERT INTO events (id, organization_id, organization_name, slug, status, version, title, summary, description, starts_at_ms,
           ends_at_ms, timezone, location, category_id, tags, visibility, cover_media_id, created_at_ms, updated_at_ms, published_at_ms)
         SELECT value ->> 'id', ?2, 'Bench Hall', value ->> 'slug', 'published', 1, value ->> 'title', value ->> 'description',
           value ->> 'description', value ->> 'startsAtMs', value ->> 'endsAtMs', 'Europe/Berlin',
           ?4, NULL, '["bench"]', 'public', NULL, ?3, ?3, ?3 FROM json_each(?1)`,
      )
      .bind(chunk, organizationId, nowMs, benchLocation)
      .run();
    if (!into.includes("search")) continue;
    await search
      .prepare(
        `INSERT INTO documents (event_id, organization_id, version, listed, starts_at_ms, ends_at_ms, starts_at_local, timezone, slug, title,
           organization_name, place, tags, tag_keys, summary, description)
         SELECT value ->> 'id', ?2, 1, 1, value ->> 'startsAtMs', value ->> 'endsAtMs', '2027-01-01T20:00:00', 'Europe/Berlin', value ->> 'slug',
           value ->> 'title', 'Bench Hall', 'Bench Hall, Hamburg', '["bench"]', '["bench"]', value ->> 'description', value ->> 'description'
         FROM json_each(?1)`,
      )
      .bind(chunk, organizationId)
      .run();
  }
  return ids;
}
