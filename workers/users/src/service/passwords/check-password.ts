import { ok, type Result } from "@foyer/kernel/result";
import type { Guarded } from "../../clients/attempt-guards.ts";
import type { Deps } from "../../deps.ts";
import { nobodysHash } from "../../domain/passwords.ts";
import type { Account } from "../../repository/users.ts";
import type { UsersCall } from "../call.ts";

const networkOf = ({ client }: UsersCall): string => client.network ?? "unknown";

/** What counts guesses at one account's password, made from here and from anywhere. */
export function guardOfAccount(email: string, call: UsersCall): Guarded {
  return { of: email, counters: [{ kind: "passwordAnywhere" }, { kind: "passwordHere", from: networkOf(call) }] };
}

/**
 * The account whose password this is, behind the limits per account and network: `users.too_many_attempts` past them, without a look at account or
 * password, so that guessing on brings nothing and costs the database nothing. Null for a wrong password, an account without one, and no
 * account, all with the same work.
 */
export async function checkPassword(
  deps: Pick<Deps, "guards" | "passwords" | "metrics">,
  call: UsersCall,
  email: string,
  find: () => Promise<Account | null>,
  password: string,
): Promise<Result<Account | null>> {
  const account = guardOfAccount(email, call);
  const network: Guarded = { of: networkOf(call), counters: [{ kind: "passwordNetwork" }] };
  const begun = await deps.guards.begin([account, network]);
  if (!begun.ok) {
    deps.metrics.count("users.sign_in", { outcome: "limited" });
    return begun;
  }
  const found = await find();
  const hash = found?.passwordHash ?? null;
  const matches = deps.passwords.verify(hash ?? nobodysHash, password) && hash !== null;
  if (matches) await Promise.all([deps.guards.clear([account]), deps.guards.takeBack([network])]);
  return ok(matches ? found : null);
}
