import type { Deps } from "../../deps.ts";
import { newUser, type User } from "../../domain/user.ts";
import type { Write } from "../../repository/database.ts";

/** Nobody's account, for which the same is planned as for somebody's. */
const nobody = newUser("usr_", { email: "", name: "", hasPassword: false }, 0);

/**
 * Writes to an address that a stranger named, if `plan` finds a reason to. Nothing of the work, and nothing of the answer, tells whether the
 * address has an account: the same is read, planned and committed for every address, and one that was sent too many mails gets none.
 */
export async function mailQuietly(
  deps: Deps,
  email: string,
  plan: (user: User, nowMs: number) => Promise<readonly Write[] | null>,
): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const [begun, user] = await Promise.all([
    deps.guards.begin([{ of: email, counters: [{ kind: "mail" }] }]),
    deps.users.findByEmail(email),
  ]);
  const writes = await plan(user ?? nobody, nowMs);
  const isDue = user !== null && begun.ok && writes !== null;
  // What is planned for nobody is thrown away, and a write that meets no row takes its place.
  await deps.store.commit(isDue ? writes : [deps.users.setAvatar("usr_", null)]);
}
