import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { OrderDocument } from "@foyer/contracts/bookings/rpc";
import type { HolderNotice, MessageType, Payload } from "@foyer/contracts/messages/catalog";
import type { Envelope } from "@foyer/contracts/messages/envelope";
import type { Letter } from "@foyer/contracts/users/letters";
import { type Clock, systemClock } from "@foyer/kernel/clock";
import { newId, newSaleId } from "@foyer/kernel/ids";
import { newMessage } from "@foyer/messaging/message";
import { handleBatch } from "../src/consumers/queue.ts";
import { createDeps } from "../src/deps.ts";
import type { Env } from "../src/env.ts";

/** A confirmed order of two tickets, known to the stand-in of bookings. */
export async function givenOrder(over: Partial<OrderDocument> = {}): Promise<OrderDocument> {
  const order = newOrder(over);
  await env.BOOKINGS.testOrder(order);
  return order;
}

/** A confirmed order of two tickets, 20:00 to 23:00 in Berlin. */
export function newOrder(over: Partial<OrderDocument> = {}): OrderDocument {
  const nowMs = Date.now();
  const eventId = newId("event", nowMs);
  const organizationId = newId("organization", nowMs);
  return {
    orderId: newSaleId("order", eventId, nowMs),
    organizationId,
    event: {
      eventId,
      organizationId,
      version: 1,
      status: "published",
      slug: "night-of-strings",
      title: "Night of Strings",
      startsAtMs: Date.parse("2026-11-28T19:00:00Z"),
      endsAtMs: Date.parse("2026-11-28T22:00:00Z"),
      timezone: "Europe/Berlin",
      place: "Great Hall, Berlin",
      accessVersion: null,
      note: null,
    },
    status: "confirmed",
    buyer: { name: "Buyer One", email: `buyer-${crypto.randomUUID()}@example.com`, userId: null },
    total: { amount: 5_000, currency: "EUR" },
    secret: `secret-${crypto.randomUUID()}`,
    tickets: ["Holder One", "Holder Two"].map((holderName, index) => ({
      ticketId: newSaleId("ticket", eventId, nowMs),
      ticketTypeName: "Standing",
      holderName,
      code: `F1.code-${index}-${crypto.randomUUID()}`,
    })),
    ...over,
  };
}

/** A message in its envelope, from the worker that would send it. */
export function message<T extends MessageType>(type: T, payload: Payload<T>): Envelope<T> {
  return newMessage(type, payload, { source: "test", requestId: "req_test", nowMs: Date.now() });
}

/** A message that the buyer of an order is to be told of a change of the event, at its version unless said otherwise. */
export function noticeMessage(order: OrderDocument, notice: HolderNotice, version = order.event.version) {
  const { eventId } = order.event;
  const { organizationId, orderId } = order;
  return message("order.notice_due", { eventId, organizationId, orderId, notice, version });
}

/** A message about an order, with the payload of its type. */
export function orderMessage(
  type: "order.confirmed" | "order.cancelled" | "order.refunded" | "order.refund_due",
  order: OrderDocument,
) {
  const scope = { eventId: order.event.eventId, organizationId: order.organizationId, orderId: order.orderId };
  if (type === "order.refund_due") {
    const paymentId = newId("payment", Date.now());
    return message(type, { ...scope, paymentId, amount: order.total, reason: "no_stock" });
  }
  return message(type, { ...scope, sequence: 2, total: order.total, items: [] });
}

/** A letter that users has to be written: with a fresh link that proves an address, unless said otherwise. */
export async function givenLetter(over: Partial<Letter> = {}) {
  const letterId = newId("letter", Date.now());
  const token = `token-${crypto.randomUUID()}`;
  const letter: Letter = {
    to: `user-${crypto.randomUUID()}@example.com`,
    locale: null,
    subject: { kind: "verify_email" },
    link: { token, expiresAt: "2030-01-01T10:00:00.000Z" },
    ...over,
  };
  await env.USERS.testLetter(letterId, { ok: true, value: letter });
  return { letter, token, letterId, message: message("user.letter_due", { letterId }) };
}

type Builder = Parameters<SendEmail["send"]>[0] & {
  readonly to: string;
  readonly from: { readonly name: string; readonly email: string };
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly headers: Readonly<Record<string, string>>;
};

/** A send_email binding that keeps what it is given; `behave` runs first and may throw or wait. */
export function fakeEmail(behave: (mail: Builder, call: number) => void | Promise<void> = () => {}) {
  const mails: Builder[] = [];
  let calls = 0;
  const binding: SendEmail = {
    async send(given: unknown) {
      const mail = given as Builder; // what our one client of the binding builds
      calls += 1;
      await behave(mail, calls);
      mails.push(mail);
      return { messageId: `<${calls}@foyer.example>` };
    },
  };
  return { binding, mails, calls: () => calls };
}

/** An error as Cloudflare Email Service throws it. */
export function emailError(code: string, text = "refused"): Error {
  return Object.assign(new Error(text), { code });
}

/** The worker with some bindings replaced. */
export function worker(over: Partial<Env> = {}, clock: Clock = systemClock) {
  const deps = createDeps({ ...env, ...over }, clock);
  return {
    deps,
    /** Delivers these bodies in one batch and tells what became of each, by its place. */
    async deliver(bodies: readonly unknown[], queue = "foyer-notifications") {
      const batch = createMessageBatch(
        queue,
        bodies.map((body, index) => ({ id: `q${index}`, timestamp: new Date(), attempts: 1, body })),
      );
      await handleBatch(batch, deps);
      const result = await getQueueResult(batch, createExecutionContext());
      return {
        acked: result.explicitAcks.toSorted(),
        retried: result.retryMessages.map(({ msgId }) => msgId).toSorted(),
      };
    },
  };
}

/** The row of a message's mail; null where there is none. */
export function deliveryOf(messageId: string) {
  return env.NOTIFICATIONS_DB.prepare("SELECT * FROM deliveries WHERE message_id = ?1")
    .bind(messageId)
    .first<Record<string, unknown>>();
}

/** The dead letter of a message; null where there is none. */
export function letterOf(messageId: string) {
  return env.NOTIFICATIONS_DB.prepare("SELECT * FROM dead_letters WHERE message_id = ?1")
    .bind(messageId)
    .first<Record<string, unknown>>();
}

/** A clock that can be moved ahead of the machine's. */
export function movableClock(): Clock & { advance(ms: number): void } {
  let aheadMs = 0;
  return {
    nowMs: () => Date.now() + aheadMs,
    advance: (ms) => {
      aheadMs += ms;
    },
  };
}
