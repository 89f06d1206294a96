import type { Actor } from "@foyer/contracts/shared/actor";
import type { Id } from "@foyer/kernel/ids";
import type { Write } from "./database.ts";

/** Things that are written down. */
export type AuditAction =
  | "user.registered"
  | "user.registration_repeated"
  | "user.email_verified"
  | "session.started"
  | "session.refresh_reused"
  | "organization.created"
  | "organization.updated";

/** One thing that was done. Ids only: what a person is called is not the trail's business. */
export interface AuditEntry {
  readonly id: Id<"audit">;
  readonly actor: Pick<Actor, "kind"> & { readonly id: string | null };
  readonly action: AuditAction;
  readonly targetId: string | null;
  readonly organizationId: string | null;
  readonly requestId: string;
  readonly atMs: number;
}

const columns = "(id, actor_kind, actor_id, action, target_id, organization_id, request_id, at_ms)";

function values(entry: AuditEntry) {
  return [
    entry.id,
    entry.actor.kind,
    entry.actor.id,
    entry.action,
    entry.targetId,
    entry.organizationId,
    entry.requestId,
    entry.atMs,
  ];
}

export type AuditTrail = ReturnType<typeof createAuditTrail>;

/** The trail of what was done. Each line is committed with what it tells of. */
export function createAuditTrail(db: D1Database) {
  return {
    write(entry: AuditEntry): Write {
      return db.prepare(`INSERT INTO audit ${columns} VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`).bind(...values(entry));
    },

    /** As `write`, where the statement just before it in the commit changed something. */
    ifChanged(entry: AuditEntry): Write {
      return db
        .prepare(`INSERT INTO audit ${columns} SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8 WHERE changes() > 0`)
        .bind(...values(entry));
    },
  };
}
