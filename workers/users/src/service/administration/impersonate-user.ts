import { secondMs } from "@foyer/kernel/clock";
import { type Id, newId, type UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { Session } from "../../domain/session.ts";
import { note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { accessTokenOf, clientHashOf } from "../sessions/plan-session.ts";
import { untilStored } from "../until-stored.ts";
import { openUser, refuseAdministrators, userNotFound } from "./administrator.ts";

/** A session in another's place, and the only token that it ever has. */
export interface Impersonation {
  readonly accessToken: string;
  readonly sessionId: Id<"session">;
}

/**
 * Lets an administrator act in a user's place, to help with their account: for {@link limits.impersonationTtlSeconds} seconds and not a moment
 * longer (there is no refresh token), seen by the user in their list of sessions and told to them by mail, with both names on every line
 * of the trail. It is never a fresh proof of identity, so it reaches neither money nor keys nor members nor how one signs in.
 */
export function impersonateUser(
  deps: Deps,
  call: UsersCall,
  input: { readonly userId: UserId; readonly reason: string },
): Promise<Result<Impersonation>> {
  return untilStored(() => attempt(deps, call, input));
}

async function attempt(
  deps: Deps,
  call: UsersCall,
  input: { readonly userId: UserId; readonly reason: string },
): Promise<Result<Impersonation> | "overtaken"> {
  const opened = await openUser(deps, call, input.userId);
  if (!opened.ok) return opened;
  const { administrator, user } = opened.value;
  const allowed = refuseAdministrators(administrator, user);
  if (!allowed.ok) return allowed;
  if (user.suspendedAtMs !== null) return fail("users.user_state", "The account is suspended.");
  const account = await deps.users.findById(user.id);
  if (account === null) return userNotFound;
  const nowMs = deps.clock.nowMs();
  const session: Session = {
    id: newId("session", nowMs),
    userId: user.id,
    createdAtMs: nowMs,
    lastUsedAtMs: nowMs,
    expiresAtMs: nowMs + limits.impersonationTtlSeconds * secondMs,
    authenticatedAtMs: 0,
    method: "impersonation",
    mode: "bearer",
    device: call.client.device,
    place: null,
    clientHash: await clientHashOf(call.client),
    impersonatorId: administrator.userId,
  };
  const facts = {
    action: "user.impersonated",
    targetId: user.id,
    after: { reason: input.reason, sessionId: session.id },
  } as const;
  const writes = [
    deps.users.mustBe(user),
    ...deps.sessions.insert(session, null),
    ...planNotice(deps, user, "impersonated", { ...call, client: null }, nowMs),
    note(deps, call, facts, nowMs),
  ];
  if ((await deps.store.commit(writes, ["user_changed"])) === "user_changed") return "overtaken";
  deps.log.warn("impersonation began", { administratorId: administrator.userId, userId: user.id });
  return ok({ accessToken: await accessTokenOf(deps, account, session, nowMs), sessionId: session.id });
}
