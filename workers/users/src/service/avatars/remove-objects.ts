import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../../deps.ts";

/** Removes pictures that nobody shows any more, at once where that is possible; what cannot be removed now is noted, and the sweep sees to it. */
export async function removeObjects(
  deps: Pick<Deps, "avatars" | "avatarStore" | "log">,
  ids: readonly (string | null)[],
): Promise<void> {
  const present = ids.filter((id) => id !== null);
  if (present.length === 0) return;
  try {
    await deps.avatarStore.remove(present);
    await deps.avatars.endRemovals(present);
  } catch (thrown) {
    deps.log.warn("avatars left to the sweep", { count: present.length, ...describeError(thrown) });
  }
}
