import { fail, ok } from "@foyer/kernel/result";
import { describeError, type Logger } from "@foyer/telemetry/logger";
import type { ViewQueue } from "../service/ports.ts";

/** Puts views straight on the queue of this worker: losing one is no harm, so no database is asked first. */
export function createViewQueue(queue: Queue, log: Logger): ViewQueue {
  return {
    async send(messages) {
      try {
        await queue.sendBatch(messages.map((body) => ({ body, contentType: "json" as const })));
        return ok(null);
      } catch (thrown) {
        log.error("views not sent", { count: messages.length, ...describeError(thrown) });
        return fail("platform.unavailable", "Views cannot be taken right now.");
      }
    },
  };
}
