import { limits } from "@foyer/kernel/limits";
import type { Deps } from "../deps.ts";
import { uploadMaxMs } from "./upload-media.ts";

/**
 * Removes objects that nothing shows any more, with their variants, and what is left of uploads that died, were given up or have expired; run by
 * cron. Repeatable: an absent object is no error.
 */
export async function sweepMedia(deps: Pick<Deps, "media" | "uploads" | "mediaStore" | "clock">): Promise<number> {
  const nowMs = deps.clock.nowMs();
  await deps.uploads.forgetOld(nowMs - uploadMaxMs);
  const due = await deps.media.dueRemovals(nowMs, limits.mediaSweepMax);
  if (due.length === 0) return 0;
  await deps.mediaStore.remove(due);
  await deps.media.endRemovals(due, nowMs);
  return due.length;
}
