import type { CallContext } from "@foyer/contracts/shared/actor";
import { newId } from "@foyer/kernel/ids";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import { completeEvents } from "./complete-events.ts";
import { driveImports } from "./imports/run-import.ts";
import { publishDueEvents } from "./publish-due-events.ts";
import { sendInvitations } from "./send-invitations.ts";

/** What time alone does to events; run by cron every minute. One part's failure is reported and keeps nothing else from being done. */
export async function moveByClock(deps: Deps): Promise<void> {
  const requestId = newId("message", deps.clock.nowMs()).replace("msg_", "req_");
  const call: CallContext = { actor: { kind: "system", name: "events" }, requestId };
  const parts = {
    publishDueEvents,
    completeEvents,
    driveImports,
    sendInvitations: () => sendInvitations(deps, requestId, null),
  };
  for (const [name, run] of Object.entries(parts)) {
    try {
      const events = await run(deps, call);
      if (events > 0) deps.log.info("events moved by the clock", { part: name, events, requestId });
    } catch (thrown) {
      deps.log.error("events not moved by the clock", { part: name, requestId, ...describeError(thrown) });
    }
  }
}
