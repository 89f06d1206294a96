import { parseEnvelope } from "@foyer/contracts/messages/envelope";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { describeError } from "@foyer/telemetry/logger";
import { type ConsumerDeps, type Handlers, handleOnce, refuse } from "./consumer.ts";

/** A message that could not be handled, as administrators see it. */
export interface DeadLetter {
  readonly id: string;
  readonly messageId: string | null;
  readonly type: string | null;
  readonly reason: string;
  readonly storedAtMs: number;
  readonly replayedAtMs: number | null;
}

/** Stores one message that could not be handled. Storing the same message again keeps one row. */
export async function storeDeadLetter(
  db: D1Database,
  letter: {
    /** Id of its envelope; null where it is none. */
    readonly id: string | null;
    /** The queue's own id of it, the same at every delivery. */
    readonly queueMessageId: string;
    readonly type: string | null;
    readonly body: unknown;
    readonly reason: string;
    readonly nowMs: number;
  },
): Promise<void> {
  const key = `ddl_${letter.id ?? letter.queueMessageId}`;
  await db
    .prepare(
      `INSERT INTO dead_letters (id, message_id, type, body, reason, stored_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
       ON CONFLICT (id) DO UPDATE SET reason = excluded.reason, stored_at_ms = excluded.stored_at_ms, replayed_at_ms = NULL`,
    )
    .bind(key, letter.id, letter.type, toStoredJson(letter.body), letter.reason.slice(0, 1_000), letter.nowMs)
    .run();
}

/** A body as JSON. A queue also carries what JSON cannot say (a BigInt, a cycle): of that only the kind is kept. */
function toStoredJson(body: unknown): string {
  try {
    return JSON.stringify(body) ?? "null";
  } catch {
    return JSON.stringify({ unreadable: typeof body });
  }
}

/**
 * Consumes a dead-letter queue: everything in it is stored where a person can see and replay it. What cannot be stored now
 * is tried again later, message by message: this queue has none behind it, so what it drops is lost.
 */
export async function consumeDeadLetters(batch: MessageBatch<unknown>, deps: ConsumerDeps): Promise<void> {
  for (const message of batch.messages) {
    const parsed = parseEnvelope(message.body);
    if (parsed.ok) await refuse(batch, message, "retries exhausted", deps, parsed.envelope);
    else await refuse(batch, message, parsed.reason, deps);
  }
}

/** Dead letters, newest first. */
export async function listDeadLetters(
  db: D1Database,
  page: { readonly limit: number; readonly before: readonly [number, string] | null },
): Promise<DeadLetter[]> {
  const [beforeMs, beforeId] = page.before ?? [Number.MAX_SAFE_INTEGER, ""];
  const { results } = await db
    .prepare(
      `SELECT id, message_id AS messageId, type, reason, stored_at_ms AS storedAtMs, replayed_at_ms AS replayedAtMs FROM dead_letters
       WHERE (stored_at_ms, id) < (?1, ?2) ORDER BY stored_at_ms DESC, id DESC LIMIT ?3`,
    )
    .bind(beforeMs, beforeId, page.limit)
    .all<DeadLetter>();
  return results;
}

/**
 * Handles a dead letter again, through the same handlers and the same dedupe. Fails with `messaging.dead_letter_not_found`, or with
 * `messaging.replay_failed`, and the letter stays.
 */
export async function replayDeadLetter(id: string, handlers: Handlers, deps: ConsumerDeps): Promise<Result<null>> {
  const row = await deps.db.prepare("SELECT body FROM dead_letters WHERE id = ?1").bind(id).first<{ body: string }>();
  if (row === null) return fail("messaging.dead_letter_not_found", "No such dead letter.");
  const parsed = parseEnvelope(JSON.parse(row.body));
  if (!parsed.ok) return fail("messaging.replay_failed", "The message is not one that this version understands.");
  try {
    await handleOnce(parsed.envelope, handlers, deps);
  } catch (thrown) {
    if (
      (await deps.db.prepare("SELECT 1 FROM inbox WHERE message_id = ?1").bind(parsed.envelope.id).first()) === null
    ) {
      deps.log.warn("replay failed", { deadLetterId: id, ...describeError(thrown) });
      return fail("messaging.replay_failed", "Handling the message failed again.");
    }
  }
  await deps.db.prepare("UPDATE dead_letters SET replayed_at_ms = ?2 WHERE id = ?1").bind(id, deps.clock.nowMs()).run();
  return ok(null);
}
