import { deadLetterQueueName, queueName } from "@foyer/contracts/messages/routing";
import { assert } from "@foyer/kernel/assert";
import { limits } from "@foyer/kernel/limits";
import { consume } from "@foyer/messaging/consumer";
import { consumeDeadLetters } from "@foyer/messaging/dead-letters";
import type { Deps } from "../deps.ts";

/** Handles a batch of one of this worker's two queues. A few messages at once, so that one slow mail delays few others. */
export async function handleBatch(batch: MessageBatch<unknown>, deps: Deps): Promise<void> {
  if (batch.queue === deadLetterQueueName("notifications")) return consumeDeadLetters(batch, deps);
  assert(batch.queue === queueName("notifications"), `no such queue here: ${batch.queue}`);
  return consume(batch, deps.handlers, deps, { concurrency: limits.mailConcurrencyMax });
}
