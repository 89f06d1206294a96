import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { MessageType, Payload } from "@foyer/contracts/messages/catalog";
import { parseEnvelope } from "@foyer/contracts/messages/envelope";
import { newMessage } from "@foyer/messaging/message";
import { UsersWorker } from "../../src/entrypoint.ts";

/** A message in its envelope, as another worker sends it. */
export function message<T extends MessageType>(type: T, payload: Payload<T>) {
  return newMessage(type, payload, { source: "tests", requestId: "req_tests", nowMs: Date.now() });
}

/** Hands messages to the worker as its queue does; says which were acknowledged and which come again. */
export async function deliver(bodies: readonly unknown[], queue = "foyer-users") {
  const batch = createMessageBatch(
    queue,
    bodies.map((body, index) => ({ id: `m${index}`, timestamp: new Date(), attempts: 1, body })),
  );
  const context = createExecutionContext();
  await new UsersWorker(context, env).queue(batch);
  return getQueueResult(batch, context);
}

/** What the outbox still has to tell of a type: to whom, and what. Empties it of that. */
export async function promised<T extends MessageType>(type: T): Promise<{ consumer: string; payload: Payload<T> }[]> {
  const { results } = await env.USERS_DB.prepare(
    "DELETE FROM outbox WHERE body ->> 'type' = ?1 RETURNING consumer, body",
  )
    .bind(type)
    .all<{ consumer: string; body: string }>();
  return results
    .map(({ consumer, body }) => {
      const parsed = parseEnvelope(JSON.parse(body));
      if (!parsed.ok) throw new Error(parsed.reason);
      return { consumer, payload: parsed.envelope.payload as Payload<T> }; // of the type that was asked for
    })
    .toSorted((left, right) => (left.consumer < right.consumer ? -1 : 1));
}
