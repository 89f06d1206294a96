import type { PlatformRole } from "@foyer/contracts/shared/permissions";
import type { UserId } from "@foyer/kernel/ids";
import { fail, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { note, type UsersCall } from "../call.ts";
import { openUser } from "./administrator.ts";
import { type AdminUserDetail, readUser } from "./read-user.ts";

/**
 * Gives and takes privileges on the platform. Whoever loses one cannot use it within a minute; the next access token of whoever gains
 * one has it. `users.last_administrator` where nobody would be left, `users.user_state` for an account that is suspended, and
 * `users.email_not_verified` for one that nobody is known to own.
 */
export async function setPlatformRoles(
  deps: Deps,
  call: UsersCall,
  input: { readonly userId: UserId; readonly roles: readonly PlatformRole[] },
): Promise<Result<AdminUserDetail>> {
  const opened = await openUser(deps, call, input.userId);
  if (!opened.ok) return opened;
  const { user } = opened.value;
  const isAdmin = input.roles.includes("administrator");
  if (isAdmin === user.platformAdmin) return readUser(deps, call, input);
  if (isAdmin && user.suspendedAtMs !== null) return fail("users.user_state", "The account is suspended.");
  if (isAdmin && user.emailVerifiedAtMs === null) {
    return fail("users.email_not_verified", "The account's address is not verified.");
  }
  const nowMs = deps.clock.nowMs();
  const roles = (has: boolean): PlatformRole[] => (has ? ["administrator"] : []);
  const outcome = await deps.store.commit(
    [
      deps.administration.setPlatformAdmin(user.id, isAdmin),
      deps.administration.keepAdministrator(user.id),
      deps.users.touch(user.id, null, nowMs),
      ...(isAdmin ? [] : [deps.revocations.revokeTokens(user.id, nowMs)]),
      note(
        deps,
        call,
        {
          action: "user.roles_changed",
          targetId: user.id,
          before: { roles: roles(user.platformAdmin) },
          after: { roles: roles(isAdmin) },
        },
        nowMs,
      ),
    ],
    ["user_changed"],
  );
  if (outcome === "user_changed") {
    return fail("users.last_administrator", "Nobody would be left who administers the platform.");
  }
  return readUser(deps, call, input);
}
