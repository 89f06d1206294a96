import { requireFresh, requireSelf } from "@foyer/auth/guards";
import { secondMs } from "@foyer/kernel/clock";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { maskAddress } from "@foyer/kernel/mail-addresses";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { EmailSide } from "../../domain/email-change.ts";
import { note, type UsersCall } from "../call.ts";
import { planLink } from "../letters/plan-link.ts";
import { readProfile } from "../profile/read-profile.ts";

/**
 * Asks for another address, in the place of an earlier wish. Both addresses are mailed a link, the current one only where it was proven, and
 * nothing changes before both have agreed. An address that has an account is answered alike and gets no mail: its owner has no part in this,
 * and whoever asks learns nothing of them. `users.too_many_attempts` where the account, or anybody, has had too many mails sent there.
 */
export async function requestEmailChange(
  deps: Deps,
  call: UsersCall,
  input: { readonly email: string },
): Promise<Result<null>> {
  const nowMs = deps.clock.nowMs();
  const self = requireSelf(call.actor);
  if (!self.ok) return self;
  const fresh = requireFresh(self.value, nowMs);
  if (!fresh.ok) return fresh;
  const profile = await readProfile(deps, call);
  if (!profile.ok) return profile;
  const user = profile.value;
  if (input.email === user.email) return sameAddress;
  const mails = { counters: [{ kind: "mailByMembers" }] } as const;
  const begun = await deps.guards.begin([
    { of: user.id, ...mails },
    { of: input.email, ...mails },
  ]);
  if (!begun.ok) return begun;

  const link = (side: EmailSide, email: string) => {
    const subject = { kind: "confirm_email_change", side, newEmail: input.email } as const;
    return planLink(deps, { ...user, email }, `change_email_${side}`, subject, call.requestId, nowMs);
  };
  const isTaken = (await deps.users.findByEmail(input.email)) !== null;
  const current = user.emailVerifiedAtMs === null ? null : await link("current", user.email);
  const next = isTaken ? null : await link("new", input.email);
  await deps.store.commit([
    deps.singleUseTokens.voidAll(user.id, ["change_email_current", "change_email_new"], nowMs),
    ...(current?.writes ?? []),
    ...(next?.writes ?? []),
    deps.emailChanges.put({
      userId: user.id,
      newEmail: input.email,
      currentTokenId: current?.token.id ?? null,
      // Of an address that is taken nobody can ever confirm the change, and it runs out like every other.
      newTokenId: next?.token.id ?? newId("token", nowMs),
      currentConfirmedAtMs: null,
      newConfirmedAtMs: null,
      expiresAtMs: nowMs + limits.singleUseTokenTtlSeconds * secondMs,
    }),
    deps.users.touch(user.id, null, nowMs),
    note(
      deps,
      call,
      { action: "user.email_change_requested", targetId: user.id, after: { email: maskAddress(input.email) } },
      nowMs,
    ),
  ]);
  return ok(null);
}

const sameAddress = fail("request.invalid", "This is the account's address already.", {
  errors: [{ path: "email", code: "unchanged", message: "The account's address already" }],
});
