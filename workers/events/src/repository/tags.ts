import type { EventId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { TagRules } from "../domain/tags.ts";

/** A tag, and how many listed events have it. */
export interface Tag {
  readonly name: string;
  readonly events: number;
  readonly curated: boolean;
  readonly version: number;
}

interface TagRow extends Omit<Tag, "curated"> {
  readonly curated: number;
}

const columns = "name, events, curated, version";
const tagFromRow = (row: TagRow): Tag => ({ ...row, curated: row.curated === 1 });

/** How many rows administrators have made. */
const keptCount = "((SELECT count(*) FROM tags WHERE curated = 1) + (SELECT count(*) FROM tag_rules))";
/** Ends the batch where there are as many as there can be: a version is never null. */
const ifRoom = (version: string): string => `CASE WHEN ${keptCount} < ${limits.tagRulesMax} THEN ${version} END`;

/** The least text behind all that begin with this one; the greatest code point cannot be within a tag. */
const endOf = (prefix: string): string => `${prefix}\u{10ffff}`;

/** Why a batch was undone: nothing fits any more, or another change came first. */
type Outcome = "stored" | "full" | "overtaken";

/** Tags in the worker's own database. Which events have them, and how many, triggers see to. */
export function createTagRepository(db: D1Database) {
  async function batch(statements: D1PreparedStatement[]): Promise<Outcome> {
    try {
      await db.batch(statements);
      return "stored";
    } catch (thrown) {
      const message = thrown instanceof Error ? thrown.message : "";
      if (message.includes("NOT NULL constraint failed: tag_rules.at_ms")) return "full";
      if (message.includes("NOT NULL constraint failed: tags.version")) return "overtaken";
      throw thrown;
    }
  }

  /** The rule for one name, and for all that led to it. */
  const ruleStatements = (name: string, target: string | null, nowMs: number): D1PreparedStatement[] => [
    db.prepare("UPDATE tag_rules SET target = ?2, pending = 1 WHERE target = ?1").bind(name, target),
    db
      .prepare(
        `INSERT INTO tag_rules (name, target, pending, at_ms) SELECT ?1, ?2, 1, ${ifRoom("?3")} WHERE true
         ON CONFLICT (name) DO UPDATE SET target = excluded.target, pending = 1`,
      )
      .bind(name, target, nowMs),
  ];

  /** Claims the next version of a tag; the batch is undone where another change came first. */
  const claim = ({ name, version }: Tag): D1PreparedStatement =>
    db
      .prepare("UPDATE tags SET curated = 0, version = CASE WHEN version = ?2 THEN version + 1 END WHERE name = ?1")
      .bind(name, version);

  const dropUnused = (name: string): D1PreparedStatement =>
    db.prepare("DELETE FROM tags WHERE name = ?1 AND events = 0 AND curated = 0").bind(name);

  return {
    async find(name: string): Promise<Tag | null> {
      const row = await db.prepare(`SELECT ${columns} FROM tags WHERE name = ?1`).bind(name).first<TagRow>();
      return row === null ? null : tagFromRow(row);
    },

    /** Tags, the most used first, of equals by name; with a prefix, of the first `limits.tagCandidatesMax` of the alphabet. */
    async list(page: {
      readonly prefix: string | undefined;
      readonly limit: number;
      readonly after: readonly [events: number, name: string] | null;
    }): Promise<Tag[]> {
      const { prefix, limit, after } = page;
      const [events, name] = after ?? [Number.MAX_SAFE_INTEGER, ""];
      // Those with as many events as the last one, then those with fewer: two walks of the index, neither of which looks at an earlier page.
      const ofAll = `SELECT * FROM (SELECT ${columns} FROM tags WHERE events = ?1 AND name > ?2 ORDER BY name LIMIT ?3)
        UNION ALL SELECT * FROM (SELECT ${columns} FROM tags WHERE events < ?1 ORDER BY events DESC, name LIMIT ?3)
        ORDER BY events DESC, name LIMIT ?3`;
      const ofPrefix = `SELECT ${columns} FROM (
          SELECT ${columns} FROM tags WHERE name >= ?4 AND name < ?5 ORDER BY name LIMIT ?6)
        WHERE events < ?1 OR (events = ?1 AND name > ?2) ORDER BY events DESC, name LIMIT ?3`;
      const statement =
        prefix === undefined
          ? db.prepare(ofAll).bind(events, name, limit)
          : db.prepare(ofPrefix).bind(events, name, limit, prefix, endOf(prefix), limits.tagCandidatesMax);
      return (await statement.all<TagRow>()).results.map(tagFromRow);
    },

    /** What has become of these tags, of those that were renamed or taken out. */
    async rulesFor(tags: readonly string[]): Promise<TagRules> {
      if (tags.length === 0) return new Map();
      const { results } = await db
        .prepare("SELECT name, target FROM tag_rules WHERE name IN (SELECT value FROM json_each(?1))")
        .bind(JSON.stringify(tags))
        .all<{ name: string; target: string | null }>();
      return new Map(results.map(({ name, target }) => [name, target]));
    },

    /** Keeps a tag from now on, whatever had become of it. */
    async keep(name: string): Promise<"stored" | "full"> {
      const outcome = await batch([
        db.prepare("DELETE FROM tag_rules WHERE name = ?1").bind(name),
        db
          .prepare(
            `INSERT INTO tags (name, events, curated, version) SELECT ?1, 0, 1, ${ifRoom("1")} WHERE true
             ON CONFLICT (name) DO UPDATE SET curated = 1, version = version + 1`,
          )
          .bind(name),
      ]);
      return outcome === "stored" ? outcome : "full"; // it claims no version, so nothing else undoes it
    },

    /** Has a tag lead to another one from now on; that one has no rule then, and takes over whether it is kept. */
    rename(before: Tag, target: string, nowMs: number): Promise<Outcome> {
      return batch([
        claim(before),
        db.prepare("DELETE FROM tag_rules WHERE name = ?1").bind(target),
        ...ruleStatements(before.name, target, nowMs),
        before.curated
          ? db
              .prepare(
                `INSERT INTO tags (name, events, curated, version) VALUES (?1, 0, 1, 1)
                 ON CONFLICT (name) DO UPDATE SET curated = 1, version = version + 1`,
              )
              .bind(target)
          : db.prepare("UPDATE tags SET version = version + 1 WHERE name = ?1").bind(target),
        dropUnused(before.name),
      ]);
    },

    /** Has a tag, and all that led to it, taken out from now on. */
    takeOut(before: Tag, nowMs: number): Promise<Outcome> {
      return batch([claim(before), ...ruleStatements(before.name, null, nowMs), dropUnused(before.name)]);
    },

    /** Events that have a tag which was renamed or taken out. */
    async unsettledEvents(max: number): Promise<EventId[]> {
      const { results } = await db
        .prepare(
          `SELECT DISTINCT t.event_id AS id FROM tag_rules r CROSS JOIN event_tags t ON t.tag = r.name
           WHERE r.pending = 1 LIMIT ?1`,
        )
        .bind(max)
        .all<{ id: EventId }>();
      return results.map(({ id }) => id);
    },

    /** Strikes out rules that no event stands against any more. A trigger enters one again when an event does. */
    async settleRules(): Promise<void> {
      await db
        .prepare(
          `UPDATE tag_rules SET pending = 0
           WHERE pending = 1 AND NOT EXISTS (SELECT 1 FROM event_tags t WHERE t.tag = tag_rules.name)`,
        )
        .run();
    },
  };
}

export type TagRepository = ReturnType<typeof createTagRepository>;
