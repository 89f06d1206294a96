import { newId } from "@foyer/kernel/ids";
import type { Platform } from "../../scripts/platform/start.ts";

const words = ["music", "night", "open", "city", "garden", "winter", "jazz", "talk", "film", "market"];
const rowsAtOnce = 500;

/** Writes published events straight into the databases of events and search; returns their ids. */
export async function seedEvents(platform: Platform, organizationId: string, count: number): Promise<string[]> {
  const nowMs = Date.now();
  const rows = Array.from({ length: count }, (_, index) => {
    const word = (offset: number): string => words[(index * 7 + offset) % words.length] ?? "";
    const startsAtMs = nowMs + (1 + (index % 360)) * 86_400_000 + index;
    return {
      id: newId("event", nowMs),
      title: `${word(0)} ${word(1)} ${index % 5_000}`,
      slug: `bench-${index}`,
      startsAtMs,
      endsAtMs: startsAtMs + 7_200_000,
      description: `An evening of ${word(2)} and ${word(3)} in the ${word(4)} hall, number ${index}.`,
    };
  });
  const [events, search] = [await platform.database("events"), await platform.database("search")];
  for (let from = 0; from < rows.length; from += rowsAtOnce) {
    const chunk = JSON.stringify(rows.slice(from, from + rowsAtOnce));
    await events
      .prepare(
        `INSERT INTO events (id, organization_id, organization_name, slug, status, version, title, summary, description, starts_at_ms,
           ends_at_ms, timezone, location, category_id, tags, visibility, cover_media_id, created_at_ms, updated_at_ms, published_at_ms)
         SELECT value ->> 'id', ?2, 'Bench Hall', value ->> 'slug', 'published', 1, value ->> 'title', value ->> 'description',
           value ->> 'description', value ->> 'startsAtMs', value ->> 'endsAtMs', 'Europe/Berlin',
           '{"kind":"venue","name":"Bench Hall","address":"Pier 1","city":"Hamburg","country":"Germany"}',
           NULL, '["bench"]', 'public', NULL, ?3, ?3, ?3 FROM json_each(?1)`,
      )
      .bind(chunk, organizationId, nowMs)
      .run();
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
  return rows.map(({ id }) => id);
}
