import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { isEasyToGuess } from "../../domain/passwords.ts";

/** Refuses a password that a guesser tries first, with `users.password_common`. Its length is a matter of the contract. */
export function checkNewPassword(
  deps: Pick<Deps, "commonPasswords">,
  password: string,
  owner: { readonly email: string; readonly name: string },
): Result<null> {
  if (!isEasyToGuess(password, owner, deps.commonPasswords)) return ok(null);
  return fail("users.password_common", "This password is among the first that a guesser tries; choose another.", {
    errors: [{ path: "password", code: "common", message: "Too easy to guess" }],
  });
}
