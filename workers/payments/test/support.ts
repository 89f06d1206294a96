import { createExecutionContext, createMessageBatch, getQueueResult, waitOnExecutionContext } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import type { MessageType, Payload } from "@foyer/contracts/messages/catalog";
import type { Clock } from "@foyer/kernel/clock";
import { newId, newSaleId, type OrderId, type OrganizationId, type PaymentId } from "@foyer/kernel/ids";
import { newMessage } from "@foyer/messaging/message";
import { newTestUser, type TestUser } from "@foyer/testing/tokens";
import Stripe from "stripe";
import { vi } from "vitest";
import { createDeps, type Deps } from "../src/deps.ts";
import { PaymentsWorker } from "../src/entrypoint.ts";
import type { Env } from "../src/env.ts";
import type { StripeEvent } from "./env.d.ts";

export const returnUrl = "https://tickets.example/return?order=1";

export interface TestOrder {
  readonly orderId: OrderId;
  readonly eventId: ReturnType<typeof newId<"event">>;
  readonly organizationId: OrganizationId;
  readonly secret: string;
  readonly total: { readonly amount: number; readonly currency: string };
}

type OrderPatch = Parameters<typeof env.BOOKINGS.testOrder>[0];

/** A fresh order that bookings knows, with a total of its own. */
export async function newOrder(patch: OrderPatch = {}): Promise<TestOrder> {
  const nowMs = Date.now();
  const eventId = newId("event", nowMs);
  const order = {
    orderId: newSaleId("order", eventId, nowMs),
    eventId,
    organizationId: newId("organization", nowMs),
    secret: crypto.randomUUID(),
    total: { amount: 5000, currency: "EUR" },
  };
  const items = [
    {
      ticketTypeId: newId("ticketType", nowMs),
      name: "Standing",
      quantity: 2,
      unitPrice: { amount: 2500, currency: "EUR" },
    },
  ];
  await env.BOOKINGS.testOrder({ ...order, items, ...patch });
  return { ...order, ...(patch.total === undefined ? {} : { total: patch.total }) };
}

export function request(path: string, init: RequestInit = {}): Promise<Response> {
  return exports.default.fetch(`https://payments${path}`, init);
}

export function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return request(path, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

export interface BuyerPayment {
  readonly id: PaymentId;
  readonly status: string;
  readonly provider: string;
  readonly method: string;
  readonly amount: { readonly amount: number; readonly currency: string };
  readonly checkoutUrl: string | null;
  readonly clientSecret: string | null;
  readonly expiresAt: string;
}

export function askForPayment(order: TestOrder, body: object = { returnUrl }, headers = {}): Promise<Response> {
  return post(`/v1/orders/${order.orderId}/payment`, body, { "x-order-secret": order.secret, ...headers });
}

/** Opens the order's payment and says under which ids Stripe has it. */
export async function open(order: TestOrder, method: "checkout" | "intent" = "checkout") {
  const response = await askForPayment(order, { method, returnUrl });
  if (response.status !== 201) throw new Error(`${response.status}: ${await response.text()}`);
  const { payment } = await response.json<{ payment: BuyerPayment }>();
  const row = await rowOf(payment.id);
  return { payment, objectId: String(row.session_id ?? row.intent_id) };
}

/** A payment that has succeeded, by webhook. */
export async function pay(order: TestOrder, method: "checkout" | "intent" = "checkout") {
  const opened = await open(order, method);
  const events = await env.OUTSIDE.testPay(opened.objectId);
  for (const event of events) await deliver(event);
  await settled(opened.payment.id, "succeeded");
  const intentId = String((await rowOf(opened.payment.id)).intent_id);
  return { ...opened, events, intentId };
}

export async function readPayment(order: TestOrder): Promise<BuyerPayment> {
  const response = await request(`/v1/orders/${order.orderId}/payment`, {
    headers: { "x-order-secret": order.secret },
  });
  if (response.status !== 200) throw new Error(`${response.status}: ${await response.text()}`);
  return (await response.json<{ payment: BuyerPayment }>()).payment;
}

const stripe = new Stripe("sk_test_worker", { httpClient: Stripe.createFetchHttpClient() });
const subtle = Stripe.createSubtleCryptoProvider();

/** Signs a body as Stripe does. */
export function sign(payload: string, options: { secret?: string; timestamp?: number } = {}): Promise<string> {
  return stripe.webhooks.generateTestHeaderStringAsync({
    payload,
    secret: options.secret ?? "whsec_new",
    cryptoProvider: subtle,
    ...(options.timestamp === undefined ? {} : { timestamp: options.timestamp }),
  });
}

/** Delivers an event as Stripe would, signed. */
export async function deliver(event: StripeEvent): Promise<Response> {
  const payload = JSON.stringify(event);
  return post("/v1/webhooks/stripe", payload, { "stripe-signature": await sign(payload) });
}

/** Waits until a stored event has been acted on. */
export async function processed(event: StripeEvent, state = "done"): Promise<void> {
  await vi.waitFor(
    async () => {
      const row = await env.PAYMENTS_DB.prepare("SELECT state FROM provider_events WHERE id = ?1")
        .bind(event.id)
        .first();
      if (row?.state !== state) throw new Error(`event is ${String(row?.state)}`);
    },
    { timeout: 10_000, interval: 20 },
  );
}

export async function rowOf(paymentId: string): Promise<Record<string, unknown>> {
  const row = await env.PAYMENTS_DB.prepare("SELECT * FROM payments WHERE id = ?1").bind(paymentId).first();
  if (row === null) throw new Error("no such payment");
  return row;
}

/** Waits until a payment has this status and, where it succeeded, bookings has answered. */
export async function settled(paymentId: string, status: string): Promise<Record<string, unknown>> {
  return vi.waitFor(
    async () => {
      const row = await rowOf(paymentId);
      if (row.status !== status || (status === "succeeded" && row.order_outcome === null)) {
        throw new Error(`payment is ${String(row.status)}, outcome ${String(row.order_outcome)}`);
      }
      return row;
    },
    { timeout: 10_000, interval: 20 },
  );
}

export async function query(sql: string, ...values: unknown[]): Promise<Record<string, unknown>[]> {
  return (
    await env.PAYMENTS_DB.prepare(sql)
      .bind(...values)
      .all()
  ).results;
}

/** Everything in the ledger adds up to zero, transaction by transaction and currency by currency. */
export async function unbalanced(): Promise<Record<string, unknown>[]> {
  return query(
    "SELECT transaction_id, SUM(amount_minor) AS sum FROM ledger_entries GROUP BY transaction_id, currency HAVING sum <> 0",
  );
}

/** Dependencies of the worker with a clock that stands where it is told to. */
export function depsAt(clock: Clock): Deps {
  return createDeps(env as unknown as Env, clock); // the tests' environment is the worker's, with control of the stubs
}

/** Runs the clockwork as if `aheadMs` had passed. */
export function depsAhead(aheadMs: number): Deps {
  return depsAt({ nowMs: () => Date.now() + aheadMs });
}

/** Hands messages to the worker as its queue does; says which were acknowledged and which come again. */
export async function consumeMessages(bodies: readonly { readonly id: string }[], queue = "foyer-payments") {
  const batch = createMessageBatch(
    queue,
    bodies.map((body) => ({ id: body.id, timestamp: new Date(), attempts: 1, body })),
  );
  const context = createExecutionContext();
  await new PaymentsWorker(context, env as unknown as Env).queue(batch); // as in depsAt
  await waitOnExecutionContext(context);
  return getQueueResult(batch, context);
}

export function message<T extends MessageType>(type: T, payload: Payload<T>) {
  return newMessage(type, payload, { source: "bookings", requestId: "req_test", nowMs: Date.now() });
}

/** A member of an order's organization. */
export async function member(order: TestOrder, role = "finance"): Promise<TestUser> {
  const user = await newTestUser();
  await env.USERS.testGrant(user.userId, order.organizationId, role);
  return user;
}
