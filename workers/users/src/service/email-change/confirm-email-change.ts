import { limits } from "@foyer/kernel/limits";
import { maskAddress } from "@foyer/kernel/mail-addresses";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { type EmailSide, missingAfter, sideOf } from "../../domain/email-change.ts";
import type { User } from "../../domain/user.ts";
import type { Write } from "../../repository/database.ts";
import type { EmailChange } from "../../repository/email-changes.ts";
import { asActor, note, type UsersCall } from "../call.ts";
import { planNotice } from "../letters/plan-letter.ts";
import { planEnd } from "../sessions/end-other-sessions.ts";

const linkInvalid = fail("users.token_invalid", "This link is no longer valid; ask for the change again.");

/** How far a change of address is: the sides that have not agreed yet, none where it is done. */
export interface EmailChangeProgress {
  readonly missing: readonly EmailSide[];
}

/**
 * Confirms a change of address from the side that a link was mailed to; whoever holds the link reads that mailbox. With the last
 * confirmation the account has the new address, its other links are void, and everybody is signed out but the caller, where the account is theirs; both
 * addresses are told. `users.token_invalid` for a link that was used, replaced, taken back, has expired or never was; `users.email_taken`
 * where the address has become another account's meanwhile, which is told to nobody but a holder of the last link.
 */
export async function confirmEmailChange(
  deps: Deps,
  call: UsersCall,
  input: { readonly token: string },
): Promise<Result<EmailChangeProgress>> {
  const hash = await deps.linkSecrets.hashOf(input.token);
  for (let round = 0; round < limits.emailChangeRoundsMax; round += 1) {
    const nowMs = deps.clock.nowMs();
    const token = await deps.singleUseTokens.findByHash(hash, ["change_email_current", "change_email_new"], nowMs);
    const [change, user] =
      token === null
        ? [null, null]
        : await Promise.all([deps.emailChanges.find(token.userId, nowMs), deps.users.findById(token.userId)]);
    const side = token === null || change === null ? null : sideOf(change, token.id);
    if (token === null || change === null || side === null) return linkInvalid;
    if (user === null || user.suspendedAtMs !== null) return linkInvalid;

    const missing = missingAfter(change, side);
    const outcome = await deps.store.commit(
      [
        deps.emailChanges.mustBe(change),
        deps.singleUseTokens.use(token.id, nowMs),
        ...(missing.length > 0
          ? planConfirmation(deps, call, user, side, nowMs)
          : planChange(deps, call, user, change, nowMs)),
      ],
      ["token_used", "email_change_moved", "email_taken"],
    );
    if (outcome === "committed") return ok({ missing });
    if (outcome === "token_used") return linkInvalid;
    if (outcome === "email_taken") return fail("users.email_taken", "Another account has this address by now.");
    // Moved: the other side confirmed at the same moment, or the change is gone. What is true now decides.
  }
  return fail("platform.unavailable", "The change is being confirmed by others at the same time; try again.");
}

function planConfirmation(deps: Deps, call: UsersCall, user: User, side: EmailSide, nowMs: number): Write[] {
  const facts = { action: "user.email_change_confirmed", targetId: user.id, after: { side } } as const;
  return [deps.emailChanges.confirm(user.id, side, nowMs), note(deps, call, { ...facts, actor: asActor(user) }, nowMs)];
}

/** The writes that put the new address in the place of the current one. */
function planChange(deps: Deps, call: UsersCall, user: User, change: EmailChange, nowMs: number): Write[] {
  const { actor } = call;
  const ownSession = actor.kind === "user" && actor.userId === user.id ? actor.sessionId : null;
  return [
    deps.singleUseTokens.voidAll(
      user.id,
      ["verify_email", "reset_password", "change_email_current", "change_email_new"],
      nowMs,
    ),
    deps.emailChanges.remove(user.id),
    deps.users.setEmail(user.id, change.newEmail, nowMs),
    deps.users.touch(user.id, null, nowMs),
    ...planEnd(deps, user.id, ownSession, "email_changed", nowMs),
    ...planNotice(deps, user, "email_changed", call, nowMs),
    ...planNotice(deps, { ...user, email: change.newEmail }, "email_changed", call, nowMs),
    note(
      deps,
      call,
      {
        action: "user.email_changed",
        targetId: user.id,
        actor: asActor(user),
        before: { email: maskAddress(user.email) },
        after: { email: maskAddress(change.newEmail) },
      },
      nowMs,
    ),
  ];
}
