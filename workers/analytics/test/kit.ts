import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import type { EventSummary } from "@foyer/contracts/analytics/api";
import type { MessageType, Payload } from "@foyer/contracts/messages/catalog";
import type { Envelope } from "@foyer/contracts/messages/envelope";
import type { Role } from "@foyer/contracts/shared/permissions";
import { type EventId, newId, newSaleId, type OrderId, type OrganizationId } from "@foyer/kernel/ids";
import { newMessage } from "@foyer/messaging/message";
import { newTestUser, type TestUser } from "@foyer/testing/tokens";
import { AnalyticsWorker } from "../src/entrypoint.ts";

/** What the stubs of the peers take from tests. */
interface TestPeers {
  readonly USERS: { testGrant(userId: string, organizationId: string, role: Role): Promise<void> };
  readonly EVENTS: { testEvent(eventId: string, owner: string): Promise<void> };
}
const peers = env as unknown as TestPeers; // the stubs are in this project's vitest.config.ts

/** An event of an organization, known to its worker. */
export interface Scene {
  readonly eventId: EventId;
  readonly organizationId: OrganizationId;
}

/** A fresh event of a fresh organization. */
export async function newScene(organizationId: OrganizationId = newId("organization", Date.now())): Promise<Scene> {
  const eventId = newId("event", Date.now());
  await peers.EVENTS.testEvent(eventId, organizationId);
  return { eventId, organizationId };
}

/** Makes the events worker fail when it is asked for this event. */
export async function breakEvent(eventId: EventId): Promise<void> {
  await peers.EVENTS.testEvent(eventId, "down");
}

/** A signed-in user, a member of the organization where a role is given. */
export async function newMember(organizationId: OrganizationId, role: Role | null = "owner"): Promise<TestUser> {
  const user = await newTestUser();
  if (role !== null) await peers.USERS.testGrant(user.userId, organizationId, role);
  return user;
}

/** A message as its sender makes it. */
export function message<T extends MessageType>(type: T, payload: Payload<T>, atMs: number = Date.now()): Envelope<T> {
  return newMessage(type, payload, { source: "bookings", requestId: "req_test", nowMs: atMs });
}

/** News of an order over two tickets. */
export function orderNews(
  type: "order.created" | "order.confirmed" | "order.cancelled" | "order.expired" | "order.refunded",
  scene: Scene,
  order: {
    readonly orderId?: OrderId;
    readonly amount?: number;
    readonly currency?: string;
    readonly atMs?: number;
    readonly tickets?: number;
  } = {},
): Envelope {
  return message(
    type,
    {
      ...scene,
      orderId: order.orderId ?? newSaleId("order", scene.eventId, Date.now()),
      sequence: 1,
      total: { amount: order.amount ?? 5000, currency: order.currency ?? "EUR" },
      items: [{ ticketTypeId: newId("ticketType", Date.now()), quantity: order.tickets ?? 2 }],
    },
    order.atMs,
  );
}

/** A look at an event's page. */
export function viewed(
  scene: Scene,
  visitor: string | null = null,
  atMs: number = Date.now(),
): Envelope<"event.viewed"> {
  return message("event.viewed", { eventId: scene.eventId, visitor, source: null, atMs });
}

/** Hands bodies to the worker as one queue batch; tells which were acknowledged and which are to come again. */
export async function deliver(bodies: readonly unknown[], queue = "foyer-analytics") {
  const batch = createMessageBatch(
    queue,
    bodies.map((body, index) => ({ id: String(index), timestamp: new Date(), attempts: 1, body })),
  );
  const context = createExecutionContext();
  await new AnalyticsWorker(context, env).queue(batch);
  const { explicitAcks, retryMessages } = await getQueueResult(batch, context);
  return {
    acked: explicitAcks.map(Number).sort((left, right) => left - right),
    retried: retryMessages.map(({ msgId }) => Number(msgId)),
  };
}

/** Asks the worker. */
export function get(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return exports.default.fetch(`https://analytics${path}`, { headers });
}

/** Sends a body as JSON. */
export function post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return exports.default.fetch(`https://analytics${path}`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** The summary of an event as its owner sees it. */
export async function summaryOf(scene: Scene): Promise<EventSummary> {
  const { headers } = await newMember(scene.organizationId);
  const response = await get(`/v1/events/${scene.eventId}/analytics/summary`, headers);
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return response.json();
}
