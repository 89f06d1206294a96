import { limits } from "@foyer/kernel/limits";
import type { Deps } from "../../deps.ts";

/** Removes pictures that somebody no longer shows, and those of uploads that died; run by cron. Repeatable: an absent object is no error. */
export async function sweepAvatars(deps: Pick<Deps, "avatars" | "avatarStore" | "clock">): Promise<number> {
  const due = await deps.avatars.due(deps.clock.nowMs(), limits.avatarSweepMax);
  if (due.length === 0) return 0;
  await deps.avatarStore.remove(due);
  await deps.avatars.endRemovals(due);
  return due.length;
}
