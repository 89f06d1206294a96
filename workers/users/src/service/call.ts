import type { Actor, CallContext } from "@foyer/contracts/shared/actor";
import { newId, type OrganizationId } from "@foyer/kernel/ids";
import type { Deps } from "../deps.ts";
import { type AuditAction, type AuditState, auditActor } from "../domain/audit.ts";
import type { Client } from "../domain/client.ts";
import type { User } from "../domain/user.ts";
import type { AuditEntry } from "../repository/audit.ts";

/** A call of a person or program over HTTP. */
export interface UsersCall extends CallContext {
  readonly client: Client;
}

/** What a line of the trail says beside who and when. */
export interface AuditFacts {
  readonly action: AuditAction;
  readonly targetId: string | null;
  readonly organizationId?: OrganizationId;
  readonly before?: AuditState;
  readonly after?: AuditState;
  /** Where it is not the call's own: whoever signs in was nobody yet. */
  readonly actor?: Actor;
}

/** A user as the actor of what they do before they have a session. */
export function asActor(user: Pick<User, "id" | "emailVerifiedAtMs">): Actor {
  return {
    kind: "user",
    userId: user.id,
    sessionId: "",
    emailVerified: user.emailVerifiedAtMs !== null,
    platformAdmin: false,
    authenticatedAtMs: 0,
    impersonatorId: null,
  };
}

/** A line of the trail about this call. */
export function auditEntry(call: CallContext, facts: AuditFacts, nowMs: number): AuditEntry {
  return {
    id: newId("audit", nowMs),
    actor: auditActor(facts.actor ?? call.actor),
    action: facts.action,
    targetId: facts.targetId,
    organizationId: facts.organizationId ?? null,
    before: facts.before ?? null,
    after: facts.after ?? null,
    requestId: call.requestId,
    atMs: nowMs,
  };
}

/** The write of {@link auditEntry}. */
export function note(deps: Pick<Deps, "audit">, call: CallContext, facts: AuditFacts, nowMs: number) {
  return deps.audit.write(auditEntry(call, facts, nowMs));
}
