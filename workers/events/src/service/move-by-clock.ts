import type { CallContext } from "@foyer/contracts/shared/actor";
import { newId } from "@foyer/kernel/ids";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import { completeEvents } from "./complete-events.ts";
import { followVenues } from "./follow-venues.ts";
import { driveImports } from "./imports/run-import.ts";
import { publishDueEvents } from "./publish-due-events.ts";
import { purgeCaches } from "./purge-caches.ts";
import { sendInvitations } from "./send-invitations.ts";
import { settleEventTags } from "./settle-tags.ts";
import { sweepMedia } from "./sweep-media.ts";
import { workDueSeries } from "./work-series.ts";

/** A part of what the clock does; says how much there was to do. */
type Part = (deps: Deps, call: CallContext) => Promise<number>;

/** What time alone does to events; run by cron every minute. */
export function moveByClock(deps: Deps): Promise<void> {
  return runParts(deps, {
    publishDueEvents,
    completeEvents,
    driveImports,
    sendInvitations: (known, { requestId }) => sendInvitations(known, requestId, null),
  });
}

/** What goes on in the background, where no message or request has taken it up: series, renamed tags, venues that have moved. Run by cron. */
export function catchUpByClock(deps: Deps): Promise<void> {
  return runParts(deps, { workDueSeries, settleEventTags, followVenues });
}

/** What is cleared away when its time is over. Run by cron. */
export function clearByClock(deps: Deps): Promise<void> {
  const forgetOld: Part = async (known) => {
    await known.forgetOld();
    return 0;
  };
  return runParts(deps, { forgetOld, sweepMedia, purgeCaches });
}

/** Runs one part after the other. One's failure is reported and keeps nothing else from being done. */
async function runParts(deps: Deps, parts: Readonly<Record<string, Part>>): Promise<void> {
  const requestId = newId("message", deps.clock.nowMs()).replace("msg_", "req_");
  const call: CallContext = { actor: { kind: "system", name: "events" }, requestId };
  for (const [part, run] of Object.entries(parts)) {
    try {
      const count = await run(deps, call);
      if (count > 0) deps.log.info("done by the clock", { part, count, requestId });
    } catch (thrown) {
      deps.log.error("not done by the clock", { part, requestId, ...describeError(thrown) });
    }
  }
}
