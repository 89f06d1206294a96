import type { ImportLineStatus } from "@foyer/contracts/events/imports";
import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";
import type { FieldFault } from "@foyer/kernel/result";
import type { CountedImport, EventImport, ImportLine } from "../domain/imports/import.ts";

type ImportRow = Omit<EventImport, "columns"> & {
  readonly columns: string;
  readonly good: number;
  readonly bad: number;
  readonly made: number;
  readonly failed: number;
};
type LineRow = Omit<ImportLine, "errors" | "body"> & { readonly errors: string; readonly body: string };

const countOf = (status: ImportLineStatus): string =>
  `(SELECT count(*) FROM event_import_lines l WHERE l.import_id = i.id AND l.status = '${status}') AS ${status}`;

const importColumns = `i.id, i.organization_id AS organizationId, i.status, i.actor, i.columns, i.created_at_ms AS createdAtMs,
  i.finished_at_ms AS finishedAtMs, ${countOf("good")}, ${countOf("bad")}, ${countOf("made")}, ${countOf("failed")}`;
const lineColumns = "line, status, title, body, external_id AS externalId, errors, event_id AS eventId";

/** Rows of lines that one statement writes: their JSON is one parameter. */
const linesPerStatement = 200;

function importFromRow({ columns, good, bad, made, failed, ...row }: ImportRow): CountedImport {
  const known: EventImport["columns"] = JSON.parse(columns); // written by insert()
  return { ...row, columns: known, lines: { good, bad, made, failed } };
}

function lineFromRow(row: LineRow): ImportLine {
  const errors: FieldFault[] = JSON.parse(row.errors);
  const body: unknown = row.body === "" ? null : JSON.parse(row.body);
  return { ...row, errors, body };
}

/** Imported files and their lines in the worker's own database. */
export function createImportRepository(db: D1Database) {
  return {
    /** Stores a file's report, unless its organization has as many as it may: `full`. */
    async insert(known: EventImport, lines: readonly ImportLine[], importsMax: number): Promise<"stored" | "full"> {
      const chunks = Array.from({ length: Math.ceil(lines.length / linesPerStatement) }, (_, index) =>
        lines.slice(index * linesPerStatement, (index + 1) * linesPerStatement),
      );
      try {
        await db.batch([
          db
            .prepare(
              // Where there are too many the status is NULL, which undoes the batch.
              `INSERT INTO event_imports (id, organization_id, status, actor, columns, created_at_ms)
               VALUES (?1, ?2, CASE WHEN (SELECT count(*) FROM event_imports WHERE organization_id = ?2) < ?7 THEN ?3 END, ?4, ?5, ?6)`,
            )
            .bind(
              known.id,
              known.organizationId,
              known.status,
              known.actor,
              JSON.stringify(known.columns),
              known.createdAtMs,
              importsMax,
            ),
          ...chunks.map((chunk) =>
            db
              .prepare(
                `INSERT INTO event_import_lines (import_id, line, status, title, body, external_id, errors, event_id)
                 SELECT ?1, value ->> '$.line', value ->> '$.status', value ->> '$.title', value ->> '$.body',
                   value ->> '$.externalId', value ->> '$.errors', value ->> '$.eventId' FROM json_each(?2)`,
              )
              .bind(
                known.id,
                JSON.stringify(
                  chunk.map((line) => ({
                    ...line,
                    body: line.body === null ? "" : JSON.stringify(line.body),
                    errors: JSON.stringify(line.errors),
                  })),
                ),
              ),
          ),
        ]);
        return "stored";
      } catch (thrown) {
        if (thrown instanceof Error && thrown.message.includes("NOT NULL constraint failed: event_imports.status"))
          return "full";
        throw thrown;
      }
    },

    /** One import of this organization. */
    async find(organizationId: OrganizationId, id: Id<"eventImport">): Promise<CountedImport | null> {
      const row = await db
        .prepare(`SELECT ${importColumns} FROM event_imports i WHERE i.id = ?1 AND i.organization_id = ?2`)
        .bind(id, organizationId)
        .first<ImportRow>();
      return row === null ? null : importFromRow(row);
    },

    /** An organization's imports, newest first. */
    async list(
      organizationId: OrganizationId,
      page: { readonly limit: number; readonly before: string | null },
    ): Promise<CountedImport[]> {
      const { results } = await db
        .prepare(
          `SELECT ${importColumns} FROM event_imports i WHERE i.organization_id = ?1 AND i.id < ?2
           ORDER BY i.id DESC LIMIT ?3`,
        )
        .bind(organizationId, page.before ?? "imp_~", page.limit)
        .all<ImportRow>();
      return results.map(importFromRow);
    },

    /** Lines in the file's order, all or those in one state. */
    async listLines(
      id: Id<"eventImport">,
      status: ImportLineStatus | undefined,
      page: { readonly limit: number; readonly after: number },
    ): Promise<ImportLine[]> {
      const { results } = await db
        .prepare(
          `SELECT ${lineColumns} FROM event_import_lines WHERE import_id = ?1 AND line > ?2
           ${status === undefined ? "" : "AND status = ?4"} ORDER BY line LIMIT ?3`,
        )
        .bind(id, page.after, page.limit, ...(status === undefined ? [] : [status]))
        .all<LineRow>();
      return results.map(lineFromRow);
    },

    /** Lets a checked import run; one that runs or has run stays as it is. */
    async start(id: Id<"eventImport">): Promise<void> {
      await db
        .prepare("UPDATE event_imports SET status = 'running' WHERE id = ?1 AND status = 'checked'")
        .bind(id)
        .run();
    },

    /** Ends an import of which no good line is left. */
    async finish(id: Id<"eventImport">, nowMs: number): Promise<void> {
      await db
        .prepare(
          `UPDATE event_imports SET status = 'done', finished_at_ms = ?2 WHERE id = ?1 AND status = 'running'
           AND NOT EXISTS (SELECT 1 FROM event_import_lines WHERE import_id = ?1 AND status = 'good')`,
        )
        .bind(id, nowMs)
        .run();
    },

    /** Imports that run, the oldest first. */
    async listRunning(limit: number): Promise<EventImport[]> {
      const { results } = await db
        .prepare(
          `SELECT ${importColumns} FROM event_imports i WHERE i.status = 'running' ORDER BY i.created_at_ms LIMIT ?1`,
        )
        .bind(limit)
        .all<ImportRow>();
      return results.map(importFromRow);
    },

    /** Which of these ids from elsewhere have events already. At most a file's lines. */
    async imported(organizationId: OrganizationId, externalIds: readonly string[]): Promise<Map<string, EventId>> {
      const { results } = await db
        .prepare(
          `SELECT external_id AS externalId, event_id AS eventId FROM imported_events
           WHERE organization_id = ?1 AND external_id IN (SELECT value FROM json_each(?2))`,
        )
        .bind(organizationId, JSON.stringify(externalIds))
        .all<{ externalId: string; eventId: EventId }>();
      return new Map(results.map((row) => [row.externalId, row.eventId]));
    },

    /** Takes an id from elsewhere for an event. False where another event has it. */
    async claim(organizationId: OrganizationId, externalId: string, eventId: EventId): Promise<boolean> {
      const row = await db
        .prepare(
          `INSERT INTO imported_events (organization_id, external_id, event_id) VALUES (?1, ?2, ?3)
           ON CONFLICT DO UPDATE SET event_id = event_id RETURNING event_id AS eventId`,
        )
        .bind(organizationId, externalId, eventId)
        .first<{ eventId: EventId }>();
      return row?.eventId === eventId;
    },

    /** Gives an id from elsewhere back, where no event came of it. */
    async unclaim(organizationId: OrganizationId, externalId: string, eventId: EventId): Promise<void> {
      await db
        .prepare("DELETE FROM imported_events WHERE organization_id = ?1 AND external_id = ?2 AND event_id = ?3")
        .bind(organizationId, externalId, eventId)
        .run();
    },

    /** Notes what became of a good line. */
    async settle(
      id: Id<"eventImport">,
      line: number,
      outcome: { readonly status: "made" } | { readonly status: "failed"; readonly errors: readonly FieldFault[] },
    ): Promise<void> {
      const errors = JSON.stringify(outcome.status === "failed" ? outcome.errors : []);
      await db
        .prepare(
          `UPDATE event_import_lines SET status = ?3, errors = ?4, body = '' WHERE import_id = ?1 AND line = ?2
           AND status = 'good'`,
        )
        .bind(id, line, outcome.status, errors)
        .run();
    },

    /** Removes an import with its lines, unless it runs. The events that came of it stay. */
    async remove(id: Id<"eventImport">): Promise<"stored" | "running"> {
      const { meta } = await db
        .prepare("DELETE FROM event_imports WHERE id = ?1 AND status <> 'running'")
        .bind(id)
        .run();
      return meta.changes === 0 ? "running" : "stored";
    },

    /** Forgets reports that are older than a moment and do not run. */
    async forgetOld(beforeMs: number): Promise<void> {
      await db
        .prepare("DELETE FROM event_imports WHERE status <> 'running' AND created_at_ms < ?1")
        .bind(beforeMs)
        .run();
    },
  };
}

export type ImportRepository = ReturnType<typeof createImportRepository>;
