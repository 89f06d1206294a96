import type { Actor } from "@foyer/contracts/shared/actor";
import type { Id, OrganizationId, UserId } from "@foyer/kernel/ids";
import type { AuditAction, AuditState } from "../domain/audit.ts";
import type { Write } from "./database.ts";

/** One thing that was done. */
export interface AuditEntry {
  readonly id: Id<"audit">;
  readonly actor: {
    readonly kind: Actor["kind"];
    readonly id: string | null;
    readonly impersonatorId: UserId | null;
  };
  readonly action: AuditAction;
  readonly targetId: string | null;
  readonly organizationId: OrganizationId | null;
  readonly before: AuditState | null;
  readonly after: AuditState | null;
  readonly requestId: string;
  readonly atMs: number;
}

/** What of the trail is looked for. */
export interface AuditFilter {
  /** Null: of the whole platform. */
  readonly organizationId: OrganizationId | null;
  /** An action (`member.removed`), or a subject with all its actions (`member`). */
  readonly action: string | null;
  readonly actorId: string | null;
  readonly targetId: string | null;
  /** Lines older than this one; empty for the newest. */
  readonly before: string;
  readonly limit: number;
}

const columns =
  "(id, actor_kind, actor_id, impersonator_id, action, target_id, organization_id, before, after, request_id, at_ms)";
const places = "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11";

const json = (state: AuditState | null): string | null => (state === null ? null : JSON.stringify(state));

function values(entry: AuditEntry) {
  return [
    entry.id,
    entry.actor.kind,
    entry.actor.id,
    entry.actor.impersonatorId,
    entry.action,
    entry.targetId,
    entry.organizationId,
    json(entry.before),
    json(entry.after),
    entry.requestId,
    entry.atMs,
  ];
}

export type AuditTrail = ReturnType<typeof createAuditTrail>;

/** The trail of what was done. Each line is committed with what it tells of. */
export function createAuditTrail(db: D1Database) {
  return {
    write(entry: AuditEntry): Write {
      return db.prepare(`INSERT INTO audit ${columns} VALUES (${places})`).bind(...values(entry));
    },

    /** As `write`, where the statement just before it in the commit changed something. */
    ifChanged(entry: AuditEntry): Write {
      return db.prepare(`INSERT INTO audit ${columns} SELECT ${places} WHERE changes() > 0`).bind(...values(entry));
    },

    /** Lines that match, newest first. Only what is asked for is in the statement, so that an index carries it. */
    async list(filter: AuditFilter): Promise<AuditEntry[]> {
      const wanted = conditionsOf(filter);
      const { results } = await db
        .prepare(
          `SELECT id, actor_kind AS actorKind, actor_id AS actorId, impersonator_id AS impersonatorId, action, target_id AS targetId,
             organization_id AS organizationId, before, after, request_id AS requestId, at_ms AS atMs
           FROM audit WHERE ${wanted.map(({ text }) => text).join(" AND ") || "1"} ORDER BY id DESC LIMIT ?`,
        )
        .bind(...wanted.flatMap(({ values }) => values), filter.limit)
        .all<AuditRow>();
      return results.map(toEntry);
    },
  };
}

/** Conditions with their values in order. The texts are this file's own; only values come from callers. */
function conditionsOf({ organizationId, action, actorId, targetId, before }: AuditFilter) {
  const wanted: { readonly text: string; readonly values: readonly (string | number)[] }[] = [];
  if (before !== "") wanted.push({ text: "id < ?", values: [before] });
  if (organizationId !== null) wanted.push({ text: "organization_id = ?", values: [organizationId] });
  if (action !== null) {
    const subject = `${action}.`;
    wanted.push({
      text: "(action = ? OR substr(action, 1, ?) = ?)",
      values: [action, subject.length, subject],
    });
  }
  if (actorId !== null) wanted.push({ text: "actor_id = ?", values: [actorId] });
  if (targetId !== null) wanted.push({ text: "target_id = ?", values: [targetId] });
  return wanted;
}

interface AuditRow extends Omit<AuditEntry, "actor" | "before" | "after"> {
  readonly actorKind: Actor["kind"];
  readonly actorId: string | null;
  readonly impersonatorId: UserId | null;
  readonly before: string | null;
  readonly after: string | null;
}

function toEntry({ actorKind, actorId, impersonatorId, before, after, ...row }: AuditRow): AuditEntry {
  return {
    ...row,
    actor: { kind: actorKind, id: actorId, impersonatorId },
    before: parseState(before),
    after: parseState(after),
  };
}

/** Written by {@link json} above. */
function parseState(text: string | null): AuditState | null {
  return text === null ? null : (JSON.parse(text) as AuditState);
}
