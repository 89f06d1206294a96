import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import type { MessageType, Payload, PublicEvent } from "@foyer/contracts/messages/catalog";
import type { Envelope } from "@foyer/contracts/messages/envelope";
import type { SearchPage } from "@foyer/contracts/search/api";
import { dayMs, hourMs } from "@foyer/kernel/clock";
import { newId, type OrganizationId } from "@foyer/kernel/ids";
import { newMessage } from "@foyer/messaging/message";
import { SearchWorker } from "../src/entrypoint.ts";

/** A word that occurs in no other test and resembles no other: ten letters at random. */
export function freshWord(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(10)), (byte) => "bcdfghklmnprtvwz"[byte & 15]).join("");
}

/** A published event a week from now, as events tells of it. */
export function publicEvent(with_: Partial<PublicEvent> = {}): PublicEvent {
  const nowMs = Date.now();
  return {
    eventId: newId("event", nowMs),
    organizationId: newId("organization", nowMs),
    version: 1,
    slug: "an-evening",
    title: "An evening",
    summary: "",
    description: "",
    startsAtMs: nowMs + 7 * dayMs,
    endsAtMs: nowMs + 7 * dayMs + 2 * hourMs,
    timezone: "Europe/Berlin",
    place: "Town Hall, Berlin",
    online: false,
    latitude: null,
    longitude: null,
    categoryId: null,
    categoryName: null,
    tags: [],
    organizationName: "Organizer",
    coverMediaId: null,
    accessVersion: null,
    ...with_,
  };
}

/** A message as its sender makes it. */
export function message<T extends MessageType>(type: T, payload: Payload<T>): Envelope<T> {
  return newMessage(type, payload, { source: "events", requestId: "req_test", nowMs: Date.now() });
}

/** News of an event's state at a version. */
export function published(event: PublicEvent): Envelope<"event.published"> {
  return message("event.published", { event });
}

/** News that take an event out of the index. */
export const removals = [
  "event.unpublished",
  "event.postponed",
  "event.cancelled",
  "event.completed",
  "event.deleted",
] as const;

/** News that an event was taken down. */
export function removed(
  event: PublicEvent,
  version: number,
  type: (typeof removals)[number] = "event.unpublished",
): Envelope {
  const ids = { eventId: event.eventId, organizationId: event.organizationId, version };
  return type === "event.cancelled" ? message(type, { ...ids, note: null }) : message(type, ids);
}

/** News of prices in euros. */
export function prices(
  event: { readonly eventId: PublicEvent["eventId"]; readonly organizationId: OrganizationId },
  sequence: number,
  priceMinMinor: number | null,
  more: { readonly soldOut?: boolean; readonly currency?: string } = {},
): Envelope<"capacity.changed"> {
  const money = priceMinMinor === null ? null : { amount: priceMinMinor, currency: more.currency ?? "EUR" };
  return message("capacity.changed", {
    eventId: event.eventId,
    organizationId: event.organizationId,
    sequence,
    priceMin: money,
    priceMax: money,
    soldOut: more.soldOut ?? false,
  });
}

/** Hands bodies to the worker as one queue batch; tells which were acknowledged and which are to come again. */
export async function deliver(bodies: readonly unknown[], queue = "foyer-search") {
  const batch = createMessageBatch(
    queue,
    bodies.map((body, index) => ({ id: String(index), timestamp: new Date(), attempts: 1, body })),
  );
  const context = createExecutionContext();
  await new SearchWorker(context, env).queue(batch);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, context);
  return {
    acked: explicitAcks.map(Number).sort((left, right) => left - right),
    retried: retryMessages.map(({ msgId }) => Number(msgId)),
  };
}

/** Asks the worker. */
export function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return exports.default.fetch(`https://search${path}`, { headers });
}

/** Searches and expects success. */
export async function search(query: Readonly<Record<string, string>>): Promise<SearchPage> {
  const response = await get(`/v1/search/events?${new URLSearchParams(query)}`);
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json();
}

/** Ids of what a search found, in its order. */
export async function found(query: Readonly<Record<string, string>>): Promise<string[]> {
  return (await search(query)).data.map(({ id }) => id);
}
