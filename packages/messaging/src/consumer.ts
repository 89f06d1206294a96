import type { MessageType } from "@foyer/contracts/messages/catalog";
import { type AnyEnvelope, type Envelope, parseEnvelope } from "@foyer/contracts/messages/envelope";
import type { Clock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { describeError, type Logger } from "@foyer/telemetry/logger";
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
}

/**
 * Handles a batch of a queue: each message for itself, acknowledged for itself, so that one bad message never makes the
 * others run again. What is not an envelope of ours is stored as a dead letter at once; what fails is retried with growing
 * delay until the queue moves it to the dead-letter queue.
 */
export async function consume(batch: MessageBatch<unknown>, handlers: Handlers, deps: ConsumerDeps): Promise<void> {
  const parsed = batch.messages.map((message) => ({ message, envelope: parseEnvelope(message.body) }));
  const ids = parsed.flatMap(({ envelope }) => (envelope.ok ? [envelope.envelope.id] : []));
  const handled = await alreadyHandled(deps.db, ids);
  for (const { message, envelope } of parsed) {
    try {
      if (!envelope.ok) {
        deps.log.error("message refused", { queue: batch.queue, reason: envelope.reason });
        await storeDeadLetter(deps.db, {
          id: null,
          type: null,
          body: message.body,
          reason: envelope.reason,
          nowMs: deps.clock.nowMs(),
        });
      } else if (!handled.has(envelope.envelope.id)) {
        await handleOnce(envelope.envelope, handlers, deps);
        handled.add(envelope.envelope.id);
      }
      message.ack();
    } catch (thrown) {
      deps.log.warn("message failed", {
        queue: batch.queue,
        messageId: envelope.ok ? envelope.envelope.id : null,
        type: envelope.ok ? envelope.envelope.type : null,
        attempts: message.attempts,
        ...describeError(thrown),
      });
      message.retry({ delaySeconds: backoffSeconds(message.attempts, limits.retryDelaySecondsMax) });
    }
  }
}

/** Runs one message's handler and commits its effect with its inbox row. Types nobody handles here are done at once. */
export async function handleOnce(envelope: AnyEnvelope, handlers: Handlers, deps: ConsumerDeps): Promise<void> {
  const handler = handlers[envelope.type] as Handler<MessageType> | undefined;
  if (handler === undefined) return;
  const statements = await handler(envelope as Envelope<MessageType>);
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
