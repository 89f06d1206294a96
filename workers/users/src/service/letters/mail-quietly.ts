import type { Deps } from "../../deps.ts";
import type { User } from "../../domain/user.ts";
import type { Write } from "../../repository/database.ts";

/**
 * Writes to an address that a stranger named, if it has an account, was not sent too many mails, and `plan` finds a reason to. Returns nothing, and
 * takes a time that depends on all that: whoever calls it answers without waiting for it.
 */
export async function mailQuietly(
  deps: Pick<Deps, "clock" | "guards" | "users" | "store">,
  email: string,
  plan: (user: User, nowMs: number) => Promise<readonly Write[] | null>,
): Promise<void> {
  const begun = await deps.guards.begin([{ of: email, counters: [{ kind: "mail" }] }]);
  if (!begun.ok) return;
  const user = await deps.users.findByEmail(email);
  const writes = user === null ? null : await plan(user, deps.clock.nowMs());
  if (writes !== null) await deps.store.commit(writes);
}
