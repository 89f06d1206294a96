import type { Actor, ApiKeyActor, UserActor } from "@foyer/contracts/shared/actor";
import { type Permission, type Role, rolePermissions } from "@foyer/contracts/shared/permissions";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";

/** The signed-in user, or `auth.required`. */
export function requireUser(actor: Actor): Result<UserActor> {
  return actor.kind === "user" ? ok(actor) : fail("auth.required", "Sign in first.");
}

/** The signed-in user in person, or `auth.impersonation_refused` for whoever acts in their place. */
export function requireSelf(actor: Actor): Result<UserActor> {
  const user = requireUser(actor);
  if (user.ok && user.value.impersonatorId !== null) {
    return fail("auth.impersonation_refused", "Nobody may do this in another's place.");
  }
  return user;
}

/** A user or a key of an organization, or `auth.required`. What they may do is a matter for `authorize`. */
export function requireIdentity(actor: Actor): Result<UserActor | ApiKeyActor> {
  return actor.kind === "user" || actor.kind === "api_key" ? ok(actor) : fail("auth.required", "Sign in first.");
}

/** An administrator of the platform, or `auth.forbidden`. */
export function requirePlatformAdmin(actor: Actor): Result<UserActor> {
  if (actor.kind !== "user") return fail("auth.required", "Sign in first.");
  return actor.platformAdmin ? ok(actor) : fail("auth.forbidden", "Only administrators of the platform may do this.");
}

/** Another worker or the platform's own clockwork; guards RPC methods that no person may reach. */
export function requireSystem(actor: Actor): Result<Extract<Actor, { kind: "system" }>> {
  return actor.kind === "system" ? ok(actor) : fail("auth.forbidden", "Not for callers from outside.");
}

/**
 * Whether the caller has proven themselves lately, for operations on money, keys and members and on how one signs in:
 * `auth.step_up_required` where a user has not within {@link limits.stepUpFreshSeconds}, `auth.impersonation_refused` for whoever acts
 * in another's place. Programs are not asked: their scopes say what they may do.
 */
export function requireFresh(actor: Actor, nowMs: number): Result<Actor> {
  if (actor.kind === "anonymous") return fail("auth.required", "Sign in first.");
  if (actor.kind !== "user") return ok(actor);
  if (actor.impersonatorId !== null) {
    return fail("auth.impersonation_refused", "Nobody may do this in another's place.");
  }
  return nowMs - actor.authenticatedAtMs <= limits.stepUpFreshSeconds * 1000
    ? ok(actor)
    : fail("auth.step_up_required", "Prove who you are once more, then repeat this.", {
        extra: { maxAgeSeconds: limits.stepUpFreshSeconds },
      });
}

/** The permission table, asked. */
export function roleAllows(role: Role, permission: Permission): boolean {
  return rolePermissions[role].has(permission);
}
