import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { User } from "../../domain/user.ts";
import { asActor, note, type UsersCall } from "../call.ts";
import { checkPassword } from "../passwords/check-password.ts";

const linkInvalid = fail("users.token_invalid", "This link is no longer valid; ask for a new one.");

/**
 * Uses a verification link up. Whoever registers a stranger's address has a password there, and whoever reads the mail has the address:
 * only someone who has both may join them, so the link is taken from the account's own session or together with its password
 * (`users.proof_required`, `users.invalid_credentials`). The owner of the address who did not register sets a password of their own by
 * mail, which ends all else. `users.token_invalid` for a link that was used, replaced, has expired or never was.
 */
export async function verifyEmail(
  deps: Deps,
  call: UsersCall,
  input: { readonly token: string; readonly password?: string | undefined },
): Promise<Result<User>> {
  const nowMs = deps.clock.nowMs();
  const token = await deps.singleUseTokens.findByHash(
    await deps.linkSecrets.hashOf(input.token),
    ["verify_email"],
    nowMs,
  );
  const account = token === null ? null : await deps.users.findAccount(token.userId);
  if (token === null || account === null) return linkInvalid;
  const { user } = account;

  const isOwn = call.actor.kind === "user" && call.actor.userId === user.id;
  if (!isOwn) {
    if (input.password === undefined) {
      return fail("users.proof_required", "Sign in to this account, or send its password along.");
    }
    const matches = await checkPassword(deps, call, user.email, async () => account, input.password);
    if (!matches.ok) return matches;
    if (matches.value === null) return fail("users.invalid_credentials", "This is not the account's password.");
  }

  const outcome = await deps.store.commit(
    [
      deps.singleUseTokens.use(token.id, nowMs),
      deps.users.markVerified(user.id, nowMs),
      deps.users.touch(user.id, null, nowMs),
      note(deps, call, { action: "user.email_verified", targetId: user.id, actor: asActor(user) }, nowMs),
    ],
    ["token_used"],
  );
  if (outcome === "token_used") return linkInvalid;
  const verified = await deps.users.findById(user.id);
  return verified === null ? linkInvalid : ok(verified);
}
