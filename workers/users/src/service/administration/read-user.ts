import { requirePlatformAdmin } from "@foyer/auth/guards";
import type { FactorMethod } from "@foyer/contracts/users/api/sessions";
import type { UserId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { AdminUser, AdminUserTies } from "../../repository/administration.ts";
import type { UsersCall } from "../call.ts";
import { userNotFound } from "./administrator.ts";

export interface AdminUserDetail extends AdminUser, AdminUserTies {
  readonly hasPassword: boolean;
  readonly secondFactors: readonly FactorMethod[];
  readonly openSessions: number;
}

/** One user, with how they sign in and where they belong, for administrators of the platform; never a secret of theirs. */
export async function readUser(
  deps: Deps,
  call: UsersCall,
  input: { readonly userId: UserId },
): Promise<Result<AdminUserDetail>> {
  const administrator = requirePlatformAdmin(call.actor);
  if (!administrator.ok) return administrator;
  const user = await deps.administration.find(input.userId);
  if (user === null) return userNotFound;
  const [ties, account, secondFactors, openSessions] = await Promise.all([
    deps.administration.findTies(user.id),
    deps.users.findById(user.id),
    deps.factors.listMethods(user.id),
    deps.sessions.countOpen(user.id, deps.clock.nowMs()),
  ]);
  return ok({ ...user, ...ties, hasPassword: account?.hasPassword === true, secondFactors, openSessions });
}
