import type { SessionMode } from "@foyer/contracts/users/api/sessions";
import { fail, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { isOutdated } from "../../domain/passwords.ts";
import type { UsersCall } from "../call.ts";
import { checkPassword } from "../passwords/check-password.ts";
import { untilStored } from "../until-stored.ts";
import { type Admission, admit } from "./admit.ts";

/**
 * Signs in by password. `users.invalid_credentials` for an unknown address and for a wrong password alike, with the same
 * work; `users.too_many_attempts` past the limits, for known and unknown accounts alike. Whoever has the right password and a second factor is
 * asked for that one; `users.suspended` is told to nobody but them.
 */
export async function signIn(
  deps: Deps,
  call: UsersCall,
  input: { readonly email: string; readonly password: string; readonly mode: SessionMode },
): Promise<Result<Admission>> {
  const find = () => deps.users.findAccountByEmail(input.email);
  return untilStored(async () => {
    const checked = await checkPassword(deps, call, input.email, find, input.password);
    if (!checked.ok) return checked;
    const account = checked.value;
    const mayEnter = account !== null && (deps.revealsEmailTaken || account.user.emailVerifiedAtMs !== null);
    if (!mayEnter) {
      deps.metrics.count("users.sign_in", { outcome: "refused" });
      return fail("users.invalid_credentials", "Address or password is wrong.");
    }
    const rehash = isOutdated(account.passwordHash ?? "")
      ? [deps.users.setPasswordHash(account.user.id, deps.passwords.hash(input.password), deps.clock.nowMs())]
      : [];
    return admit(deps, call, account, { method: "password", mode: input.mode }, rehash);
  });
}
