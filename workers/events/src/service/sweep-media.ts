import { limits } from "@foyer/kernel/limits";
import type { Deps } from "../deps.ts";

/** Removes objects of deleted images and of uploads that died; run by cron. Repeatable: an absent object is no error. */
export async function sweepMedia(deps: Pick<Deps, "media" | "images" | "clock">): Promise<number> {
  const due = await deps.media.dueRemovals(deps.clock.nowMs(), limits.mediaSweepMax);
  if (due.length === 0) return 0;
  await deps.images.remove(due);
  await deps.media.endRemovals(due);
  return due.length;
}
