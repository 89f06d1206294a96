import { checkIfMatch, etagOf } from "@foyer/http/etag";
import { newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { type AuditState, changedBetween } from "../../domain/audit.ts";
import type { ProfileChange, User } from "../../domain/user.ts";
import type { Write } from "../../repository/database.ts";
import { note, type UsersCall } from "../call.ts";
import { readProfile } from "./read-profile.ts";

/**
 * Changes the caller's own profile, and notes what they say to being written to; `request.precondition_failed` where it is not the version that
 * `ifMatch` names.
 */
export async function changeProfile(
  deps: Deps,
  call: UsersCall,
  input: {
    readonly change: ProfileChange;
    readonly marketingConsent?: { readonly granted: boolean; readonly textVersion: string } | undefined;
    readonly ifMatch: string | undefined;
  },
): Promise<Result<User>> {
  const current = await readProfile(deps, call);
  if (!current.ok) return current;
  const before = current.value;
  const condition = checkIfMatch(input.ifMatch, etagOf(before.version));
  if (!condition.ok) return condition;
  const nowMs = deps.clock.nowMs();
  const writes = [
    ...planChange(deps, call, before, input.change, nowMs),
    ...planConsent(deps, call, before, input.marketingConsent, nowMs),
  ];
  if (writes.length === 0) return current;
  const touched = deps.users.touch(before.id, input.ifMatch === undefined ? null : before.version, nowMs);
  const outcome = await deps.store.commit([touched, ...writes], ["user_changed"]);
  if (outcome === "user_changed")
    return fail("request.precondition_failed", "The profile has changed since it was read; read it again.");
  const changed = await deps.users.findById(before.id);
  return changed === null ? fail("auth.invalid_token", "This account exists no more.") : ok(changed);
}

/** The writes that change what of a profile is given. The trail says which members changed; what a person is called is not its business. */
export function planChange(
  deps: Pick<Deps, "users" | "audit">,
  call: UsersCall,
  before: User,
  change: ProfileChange,
  nowMs: number,
): Write[] {
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  const after = { ...before, ...Object.fromEntries(given) };
  const states = changedBetween(profileOf(before), profileOf(after));
  if (Object.keys(states.after).length === 0) return [];
  const { name, ...plain } = states.after;
  const facts = name === undefined ? states : { before: {}, after: { ...plain, nameChanged: true } };
  return [
    deps.users.change(before.id, change),
    note(deps, call, { action: "user.profile_changed", targetId: before.id, ...facts }, nowMs),
  ];
}

function profileOf({ name, locale, timezone }: User): AuditState {
  return { name, locale, timezone };
}

function planConsent(
  deps: Deps,
  call: UsersCall,
  before: User,
  given: { readonly granted: boolean; readonly textVersion: string } | undefined,
  nowMs: number,
): Write[] {
  if (given === undefined) return [];
  const known = before.marketingConsent;
  return [
    deps.users.setConsent(before.id, newId("consent", nowMs), { ...given, atMs: nowMs }),
    note(
      deps,
      call,
      {
        action: "user.consent_changed",
        targetId: before.id,
        ...(known === null ? {} : { before: { granted: known.granted, textVersion: known.textVersion } }),
        after: given,
      },
      nowMs,
    ),
  ];
}
