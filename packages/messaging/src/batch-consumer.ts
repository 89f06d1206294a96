import type { MessageType } from "@foyer/contracts/messages/catalog";
import { type Envelope, parseEnvelope } from "@foyer/contracts/messages/envelope";
import { describeError } from "@foyer/telemetry/logger";
import { type ConsumerDeps, consume, type Handler, type Handlers } from "./consumer.ts";

/** Copies of one message in a queue batch, and what it does. */
interface Prepared {
  readonly copies: Message<unknown>[];
  readonly id: string;
  readonly statements: readonly D1PreparedStatement[];
}

/**
 * As `consume`, for handlers that only return statements and read nothing: the whole queue batch is committed in one round
 * trip to the database. Where that commit fails (a message that was handled before, a poison message), what is already
 * handled is left out and it is tried once more; after that every message goes for itself, through `consume`.
 *
 * Not for handlers that read what an earlier message of the same batch writes, nor for those with effects elsewhere: all
 * handlers run before anything is committed, and may run again.
 */
export async function consumeTogether(
  batch: MessageBatch<unknown>,
  handlers: Handlers,
  deps: ConsumerDeps,
): Promise<void> {
  const { prepared, others } = await prepare(batch, handlers);
  const committed = (await commit(batch, prepared, deps, false)) || (await commit(batch, prepared, deps, true));
  if (committed) for (const message of prepared.flatMap(({ copies }) => copies)) message.ack();
  const rest = committed ? others : batch.messages;
  if (rest.length > 0) await consume(withMessages(batch, rest), handlers, deps);
}

/** Runs the handlers; a message that is no envelope, has no handler, or whose handler throws is among the others. */
async function prepare(batch: MessageBatch<unknown>, handlers: Handlers) {
  const prepared = new Map<string, Prepared>();
  const others: Message<unknown>[] = [];
  for (const message of batch.messages) {
    const parsed = parseEnvelope(message.body);
    const handler = parsed.ok ? (handlers[parsed.envelope.type] as Handler<MessageType> | undefined) : undefined;
    if (!parsed.ok || handler === undefined) {
      others.push(message);
      continue;
    }
    const { envelope } = parsed;
    const earlier = prepared.get(envelope.id);
    if (earlier !== undefined) {
      earlier.copies.push(message);
      continue;
    }
    try {
      const statements = await handler(envelope as Envelope<MessageType>);
      prepared.set(envelope.id, { copies: [message], id: envelope.id, statements });
    } catch {
      others.push(message); // consume meets the same failure, and logs, delays or stores it as it does for everyone
    }
  }
  return { prepared: [...prepared.values()], others };
}

/** One batch for all: the notes that the messages are handled, and what they do. False where nothing was committed. */
async function commit(
  batch: MessageBatch<unknown>,
  prepared: readonly Prepared[],
  deps: ConsumerDeps,
  withoutHandled: boolean,
): Promise<boolean> {
  if (prepared.length === 0) return true;
  try {
    const ids = JSON.stringify(prepared.map(({ id }) => id));
    const handled = new Set<string>();
    if (withoutHandled) {
      const { results } = await deps.db
        .prepare("SELECT message_id AS id FROM inbox WHERE message_id IN (SELECT value FROM json_each(?1))")
        .bind(ids)
        .all<{ id: string }>();
      for (const { id } of results) handled.add(id);
      if (handled.size === 0) return false; // not a repetition, so the same commit would fail the same way
    }
    const fresh = prepared.filter(({ id }) => !handled.has(id));
    if (fresh.length === 0) return true;
    const notes = deps.db
      .prepare("INSERT INTO inbox (message_id, handled_at_ms) SELECT value, ?2 FROM json_each(?1)")
      .bind(JSON.stringify(fresh.map(({ id }) => id)), deps.clock.nowMs());
    await deps.db.batch([notes, ...fresh.flatMap(({ statements }) => statements)]);
    return true;
  } catch (thrown) {
    // Mostly a repetition, which the inbox refuses; a real fault is met again, and told, when each goes for itself.
    deps.log.debug("batch not committed as one", {
      queue: batch.queue,
      count: prepared.length,
      ...describeError(thrown),
    });
    return false;
  }
}

function withMessages(batch: MessageBatch<unknown>, messages: readonly Message<unknown>[]): MessageBatch<unknown> {
  return {
    queue: batch.queue,
    metadata: batch.metadata,
    messages,
    ackAll: () => {
      for (const message of messages) message.ack();
    },
    retryAll: (options) => {
      for (const message of messages) message.retry(options);
    },
  };
}
