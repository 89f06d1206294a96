import type { Actor } from "@foyer/contracts/shared/actor";
import { type Permission, type Role, rolePermissions } from "@foyer/contracts/shared/permissions";
import { fail, ok, type Result } from "@foyer/kernel/result";

/** The signed-in user, or `auth.required`. */
export function requireUser(actor: Actor): Result<Extract<Actor, { kind: "user" }>> {
  return actor.kind === "user" ? ok(actor) : fail("auth.required", "Sign in first.");
}

/** A user or a key of an organization, or `auth.required`. What they may do is a matter for `authorize`. */
export function requireIdentity(actor: Actor): Result<Extract<Actor, { kind: "user" | "api_key" }>> {
  return actor.kind === "user" || actor.kind === "api_key" ? ok(actor) : fail("auth.required", "Sign in first.");
}

/** An administrator of the platform, or `auth.forbidden`. */
export function requirePlatformAdmin(actor: Actor): Result<Extract<Actor, { kind: "user" }>> {
  if (actor.kind !== "user") return fail("auth.required", "Sign in first.");
  return actor.platformAdmin ? ok(actor) : fail("auth.forbidden", "Only administrators of the platform may do this.");
}

/** Another worker or the platform's own clockwork; guards RPC methods that no person may reach. */
export function requireSystem(actor: Actor): Result<Extract<Actor, { kind: "system" }>> {
  return actor.kind === "system" ? ok(actor) : fail("auth.forbidden", "Not for callers from outside.");
}

/** The permission table, asked. */
export function roleAllows(role: Role, permission: Permission): boolean {
  return rolePermissions[role].has(permission);
}
