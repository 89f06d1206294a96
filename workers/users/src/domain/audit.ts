import type { Actor } from "@foyer/contracts/shared/actor";
import type { UserId } from "@foyer/kernel/ids";
import type { JsonValue } from "@foyer/kernel/result";

/** Things that are written down, as `<subject>.<what happened>`. */
export const auditActions = [
  "user.registered",
  "user.registration_repeated",
  "user.email_verified",
  "user.email_change_requested",
  "user.email_change_confirmed",
  "user.email_change_cancelled",
  "user.email_changed",
  "user.profile_changed",
  "user.avatar_changed",
  "user.consent_changed",
  "user.exported",
  "user.erased",
  "user.erasure_completed",
  "user.suspended",
  "user.restored",
  "user.roles_changed",
  "user.impersonated",
  "password.reset_requested",
  "password.reset",
  "password.changed",
  "session.started",
  "session.stepped_up",
  "session.refresh_reused",
  "session.ended",
  "totp.enabled",
  "totp.disabled",
  "recovery_codes.made",
  "recovery_codes.used",
  "passkey.added",
  "passkey.renamed",
  "passkey.removed",
  "identity.linked",
  "identity.unlinked",
  "organization.created",
  "organization.updated",
  "organization.closing",
  "organization.kept",
  "organization.closed",
  "member.joined",
  "member.role_changed",
  "member.removed",
  "member.left",
  "ownership.transferred",
  "invitation.sent",
  "invitation.resent",
  "invitation.revoked",
  "api_key.created",
  "api_key.renamed",
  "api_key.rotated",
  "api_key.revoked",
  "signing_key.made",
  "signing_key.withdrawn",
] as const;
export type AuditAction = (typeof auditActions)[number];

/** A state as the trail keeps it: ids and plain facts. */
export type AuditState = Readonly<Record<string, JsonValue>>;

/** Who did it, as the trail names them. */
export function auditActor(actor: Actor): {
  readonly kind: Actor["kind"];
  readonly id: string | null;
  readonly impersonatorId: UserId | null;
} {
  switch (actor.kind) {
    case "user":
      return { kind: "user", id: actor.userId, impersonatorId: actor.impersonatorId };
    case "api_key":
      return { kind: "api_key", id: actor.keyId, impersonatorId: null };
    case "system":
      return { kind: "system", id: actor.name, impersonatorId: null };
    case "anonymous":
      return { kind: "anonymous", id: null, impersonatorId: null };
  }
}

/** Of two states, what differs between them: the trail says what changed, not all that was there. */
export function changedBetween(
  before: AuditState,
  after: AuditState,
): { readonly before: AuditState; readonly after: AuditState } {
  const names = Object.keys({ ...before, ...after }).filter(
    (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
  );
  const pick = (state: AuditState): AuditState =>
    Object.fromEntries(names.flatMap((name) => (state[name] === undefined ? [] : [[name, state[name]]])));
  return { before: pick(before), after: pick(after) };
}
