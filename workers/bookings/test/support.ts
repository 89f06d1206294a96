import { env, exports } from "cloudflare:workers";
import type { BookingsRpc } from "@foyer/contracts/bookings/rpc";
import type { EventFacts } from "@foyer/contracts/events/rpc";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Contact, ErasureDue } from "@foyer/contracts/users/rpc";
import { type EventId, newId, type OrganizationId } from "@foyer/kernel/ids";
import { newTestUser, type TestUser } from "@foyer/testing/tokens";

/** A call by another worker. */
export const systemCall: CallContext = { actor: { kind: "system", name: "tests" }, requestId: "req_tests" };

/** The worker's own RPC surface; the entrypoint implements this interface, and the stub's own type is too deep to check. */
export const rpc: BookingsRpc = exports.default as never;

/** What the users stub lets tests set. */
interface UsersStub {
  testGrant(userId: string, organizationId: string, role: string): Promise<void>;
  testContact(contact: Contact): Promise<void>;
  testErasure(erasure: ErasureDue): Promise<void>;
  testDown(calls: number): Promise<void>;
}

/** Users, as the tests prepare it: bound to the stub of the test project. */
export const usersStub = env.USERS as unknown as UsersStub;

/** Gives a user a role in an organization. */
export async function grant(user: TestUser, organizationId: OrganizationId, role: string): Promise<void> {
  await usersStub.testGrant(user.userId, organizationId, role);
}

/** Facts of a fresh event that lasts from tomorrow for a day. */
export function newFacts(change: Partial<EventFacts> = {}): EventFacts {
  const nowMs = Date.now();
  return {
    eventId: newId("event", nowMs),
    organizationId: newId("organization", nowMs),
    version: 1,
    status: "published",
    slug: "an-event",
    title: "An event",
    startsAtMs: nowMs + 86_400_000,
    endsAtMs: nowMs + 2 * 86_400_000,
    timezone: "Europe/Berlin",
    place: "Hall One, Town",
    accessVersion: null,
    note: null,
    ...change,
  };
}

/** An answer as tests look at it. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are compared with what is expected of them
  readonly body: any;
}

/** Calls the worker as the gateway does. */
export async function http(
  method: string,
  path: string,
  options: { readonly headers?: HeadersInit; readonly body?: unknown; readonly raw?: string } = {},
): Promise<Answer> {
  const body = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
  const response = await exports.default.fetch(`https://bookings${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...options.headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
}

/** An event on sale, with its organizer. */
export interface TestSale {
  readonly facts: EventFacts;
  readonly eventId: EventId;
  readonly organizer: TestUser;
  readonly path: string;
}

/** Makes an event that is open for sale and has no ticket types yet. */
export async function newSale(change: Partial<EventFacts> = {}, open = true): Promise<TestSale> {
  const facts = newFacts(change);
  const organizer = await newTestUser();
  await grant(organizer, facts.organizationId, "owner");
  await rpc.prepareSale(systemCall, { event: facts });
  if (open) await rpc.openSale(systemCall, { event: facts });
  return { facts, eventId: facts.eventId, organizer, path: `/v1/events/${facts.eventId}` };
}

/** Adds a ticket type through the API and returns its body. */
export async function addTicketType(sale: TestSale, fields: Record<string, unknown> = {}): Promise<Answer["body"]> {
  const answer = await http("POST", `${sale.path}/ticket-types`, {
    headers: sale.organizer.headers,
    body: { name: "Standard", kind: "paid", price: { amount: 2_500, currency: "USD" }, capacity: 100, ...fields },
  });
  if (answer.status !== 201) throw new Error(`ticket type: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** Reserves without an account. */
export function reserve(
  sale: TestSale,
  items: readonly { readonly ticketTypeId: string; readonly quantity: number }[],
  options: { readonly headers?: Record<string, string>; readonly extra?: object } = {},
): Promise<Answer> {
  return http("POST", `${sale.path}/reservations`, {
    headers: options.headers ?? {},
    body: { items, ...options.extra },
  });
}

/** Reserves and orders without an account; returns the order, its secret and the reservation. */
export async function order(
  sale: TestSale,
  ticketTypeId: string,
  quantity = 1,
  fields: object = {},
): Promise<{ readonly order: Answer["body"]; readonly secret: string; readonly reservation: Answer["body"] }> {
  const reserved = await reserve(sale, [{ ticketTypeId, quantity }]);
  if (reserved.status !== 201) throw new Error(`reservation: ${JSON.stringify(reserved.body)}`);
  const ordered = await http("POST", "/v1/orders", {
    headers: { "x-reservation-secret": reserved.body.secret },
    body: { reservationId: reserved.body.id, buyer: { name: "Buyer One", email: "buyer@example.com" }, ...fields },
  });
  if (ordered.status !== 201) throw new Error(`order: ${JSON.stringify(ordered.body)}`);
  return { order: ordered.body.order, secret: ordered.body.secret, reservation: reserved.body };
}

/** Pays an order as payments does. */
export function pay(paid: Answer["body"], paymentId = newId("payment", Date.now()), amount = paid.total.amount) {
  return rpc.confirmOrder(systemCall, {
    orderId: paid.id,
    paymentId,
    paid: { amount, currency: paid.total.currency },
    paidAtMs: Date.now(),
  });
}

/** Gives back money of an order and the tickets that are named. */
export async function refund(
  placed: { readonly id: `ord_${string}` },
  amount: number,
  ticketIds: readonly `tkt_${string}`[],
) {
  const refundId = newId("refund", Date.now());
  const money = { amount, currency: "USD" };
  await rpc.recordRefund(systemCall, { orderId: placed.id, refundId, amount: money, ticketIds });
}

/** Tickets of an order, for whoever shows its secret. */
export async function ticketsOf(placed: { readonly id: string }, secret: string) {
  return (await http("GET", `/v1/orders/${placed.id}/tickets`, { headers: { "x-order-secret": secret } })).body.data;
}
