import type { MessageType } from "@foyer/contracts/messages/catalog";
import { type AnyEnvelope, type Envelope, parseEnvelope } from "@foyer/contracts/messages/envelope";
import type { Clock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { describeError, type Logger } from "@foyer/telemetry/logger";
import type { Metrics } from "@foyer/telemetry/metrics";
import { storeDeadLetter } from "./dead-letters.ts";
import { backoffSeconds } from "./queues.ts";

/**
 * What a message does. Effects in the worker's own database are returned as statements: they are committed in one batch
 * with the note that the message is handled, so a second delivery changes nothing. Effects elsewhere (a mail, a call to a
 * provider) are made before returning and must be safe to repeat by the message's id. A throw means "again, later".
 */
export type Handler<T extends MessageType> = (message: Envelope<T>) => Promise<readonly D1PreparedStatement[]>;
export type Handlers = { readonly [T in MessageType]?: Handler<T> };

export interface ConsumerDeps {
  readonly db: D1Database;
  readonly clock: Clock;
  readonly log: Logger;
  /** Counts `message.retried` and `message.dead` by queue, where given. */
  readonly metrics?: Metrics;
}

/**
 * Thrown by a handler when trying again cannot help, such as a mail that its provider refuses. The message is stored as a
 * dead letter at once, for a person to see and replay. The text is stored as the reason: no secrets, no personal data.
 */
export class PermanentFailure extends Error {
  override readonly name = "PermanentFailure";
}

/**
 * Handles a batch of a queue: each message for itself, acknowledged for itself, so that one bad message never makes the
 * others run again. What is not an envelope of ours is stored as a dead letter at once; what fails is retried with growing
 * delay until the queue moves it to the dead-letter queue. `concurrency` messages run side by side (one, unless said),
 * copies of one message never do.
 */
export async function consume(
  batch: MessageBatch<unknown>,
  handlers: Handlers,
  deps: ConsumerDeps,
  options: { readonly concurrency?: number } = {},
): Promise<void> {
  const items = batch.messages.map((message) => ({ message, parsed: parseEnvelope(message.body) }));
  const ids = items.flatMap(({ parsed }) => (parsed.ok ? [parsed.envelope.id] : []));
  let handled: Set<string>;
  try {
    handled = await alreadyHandled(deps.db, ids);
  } catch (thrown) {
    // Thrown from here, the whole batch would come back at once, and its retries be used up within seconds.
    for (const { message, parsed } of items) {
      retryLater(batch, message, parsed.ok ? parsed.envelope : null, thrown, deps);
    }
    return;
  }
  const lanes = Map.groupBy(items, ({ parsed, message }) => (parsed.ok ? parsed.envelope.id : message)).values();
  const runLanes = async (): Promise<void> => {
    for (const lane of lanes) {
      for (const { message, parsed } of lane) {
        if (!parsed.ok) await refuse(batch, message, parsed.reason, deps);
        else if (handled.has(parsed.envelope.id)) message.ack();
        else if (await settle(batch, message, parsed.envelope, handlers, deps)) handled.add(parsed.envelope.id);
      }
    }
  };
  await Promise.all(Array.from({ length: options.concurrency ?? 1 }, runLanes));
}

/** Handles one message and tells the queue what became of it. True where a further copy of it has nothing left to do. */
async function settle(
  batch: MessageBatch<unknown>,
  message: Message<unknown>,
  envelope: AnyEnvelope,
  handlers: Handlers,
  deps: ConsumerDeps,
): Promise<boolean> {
  try {
    await handleOnce(envelope, handlers, deps);
    message.ack();
    return true;
  } catch (thrown) {
    if (thrown instanceof PermanentFailure) return refuse(batch, message, thrown.message, deps, envelope);
    retryLater(batch, message, envelope, thrown, deps);
    return false;
  }
}

/** Puts a message back into the queue with growing delay, and says why. */
function retryLater(
  batch: MessageBatch<unknown>,
  message: Message<unknown>,
  envelope: AnyEnvelope | null,
  thrown: unknown,
  deps: ConsumerDeps,
): void {
  deps.log.warn("message failed", {
    queue: batch.queue,
    messageId: envelope?.id ?? null,
    type: envelope?.type ?? null,
    attempts: message.attempts,
    ...describeError(thrown),
  });
  message.retry({ delaySeconds: backoffSeconds(message.attempts, limits.retryDelaySecondsMax) });
  deps.metrics?.count("message.retried", { queue: batch.queue });
}

/**
 * Stores a message as a dead letter and acknowledges it. False where the store failed: the message then stays in the queue.
 */
export async function refuse(
  batch: MessageBatch<unknown>,
  message: Message<unknown>,
  reason: string,
  deps: ConsumerDeps,
  envelope: AnyEnvelope | null = null,
): Promise<boolean> {
  deps.log.error("message refused", {
    queue: batch.queue,
    messageId: envelope?.id ?? null,
    type: envelope?.type ?? null,
    reason,
  });
  try {
    await storeDeadLetter(deps.db, {
      id: envelope?.id ?? null,
      queueMessageId: message.id,
      type: envelope?.type ?? null,
      body: message.body,
      reason,
      nowMs: deps.clock.nowMs(),
    });
  } catch (thrown) {
    retryLater(batch, message, envelope, thrown, deps);
    return false;
  }
  message.ack();
  deps.metrics?.count("message.dead", { queue: batch.queue });
  return true;
}

/** Runs one message's handler and commits its effect with its inbox row. Types nobody handles here are done at once. */
export async function handleOnce(envelope: AnyEnvelope, handlers: Handlers, deps: ConsumerDeps): Promise<void> {
  const statements = await runHandler(envelope, handlers);
  if (statements !== null) await commitOnce(envelope, statements, deps);
}

/** Runs one message's handler; null for types that nobody handles here. */
async function runHandler(envelope: AnyEnvelope, handlers: Handlers): Promise<readonly D1PreparedStatement[] | null> {
  // An entry of the table takes the payload of its own key's type, and that key is the envelope's type.
  const handler = handlers[envelope.type] as Handler<MessageType> | undefined;
  return handler === undefined ? null : handler(envelope as Envelope<MessageType>);
}

/** Commits one message's effect with its inbox row. A message that is noted already changes nothing. */
async function commitOnce(
  envelope: AnyEnvelope,
  statements: readonly D1PreparedStatement[],
  deps: ConsumerDeps,
): Promise<void> {
  const note = deps.db
    .prepare("INSERT INTO inbox (message_id, handled_at_ms) VALUES (?1, ?2)")
    .bind(envelope.id, deps.clock.nowMs());
  try {
    await deps.db.batch([note, ...statements]);
  } catch (thrown) {
    // Another delivery of the same message came first: its batch holds the effect, ours was rolled back whole.
    if ((await alreadyHandled(deps.db, [envelope.id])).has(envelope.id)) return;
    throw thrown;
  }
}

/** Which of these messages have had their effect here. */
async function alreadyHandled(db: D1Database, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const { results } = await db
    .prepare("SELECT message_id AS id FROM inbox WHERE message_id IN (SELECT value FROM json_each(?1))")
    .bind(JSON.stringify(ids))
    .all<{ id: string }>();
  return new Set(results.map((row) => row.id));
}

/** Forgets inbox rows older than the given moment, by when no queue can deliver them again; run by cron. */
export async function forgetOldInbox(db: D1Database, beforeMs: number): Promise<number> {
  const result = await db
    .prepare("DELETE FROM inbox WHERE message_id IN (SELECT message_id FROM inbox WHERE handled_at_ms < ?1 LIMIT 1000)")
    .bind(beforeMs)
    .run();
  return result.meta.changes;
}
