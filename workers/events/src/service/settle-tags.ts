import type { CallContext } from "@foyer/contracts/shared/actor";
import { limits } from "@foyer/kernel/limits";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import { settleTags } from "../domain/tags.ts";
import { followAll } from "./follow.ts";

/**
 * Has events follow tags that were renamed or taken out, a limited number at one run; run by cron. Where it left off is in the database, so it
 * may be run as often as one likes, and side by side. Says how many followed.
 */
export async function settleEventTags(
  deps: Pick<Deps, "tags" | "events" | "pages" | "clock" | "log">,
  call: CallContext,
): Promise<number> {
  const eventIds = await deps.tags.unsettledEvents(limits.eventsFollowingPerRunMax);
  const followed = await followAll(deps, call, eventIds, "settle_tags", async (before) => {
    const tags = settleTags(before.tags, await deps.tags.rulesFor(before.tags));
    return JSON.stringify(tags) === JSON.stringify(before.tags) ? null : { after: { ...before, tags } };
  });
  await deps.tags.settleRules();
  return followed;
}

/** The first run, right after the change that makes it necessary. That is stored already, so a fault here is left to the cron. */
export async function settleTagsSoon(deps: Deps, call: CallContext): Promise<void> {
  try {
    await settleEventTags(deps, call);
  } catch (thrown) {
    deps.log.warn("tags left to the next run", describeError(thrown));
  }
}

/** Tags as an event gets them: those that were renamed or taken out are heeded from the start. */
export async function presentTags(deps: Pick<Deps, "tags">, tags: readonly string[]): Promise<string[]> {
  return settleTags(tags, await deps.tags.rulesFor(tags));
}
