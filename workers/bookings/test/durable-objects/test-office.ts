import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { newId, type PoolId, type TicketTypeId } from "@foyer/kernel/ids";
import type { Queues } from "@foyer/messaging/queues";
import { createBoxOffices } from "../../src/clients/box-offices.ts";
import type { IdempotencyClaim } from "../../src/durable-objects/answers.ts";
import type { BoxOffice } from "../../src/durable-objects/box-office.ts";
import type { NewTicketType } from "../../src/durable-objects/operations/ticket-types.ts";
import type { OperationInput, OperationName, OperationValue } from "../../src/durable-objects/operations.ts";
import { newFacts } from "../support.ts";

const offices = createBoxOffices(env.BOX_OFFICE);

/** A queue that takes everything, or fails as long as it is told to. */
export class FakeQueue {
  readonly sent: { readonly id: string; readonly type: string; readonly payload: unknown }[] = [];
  calls = 0;
  failing = false;

  async sendBatch(messages: Iterable<{ body: unknown }>): Promise<void> {
    this.calls += 1;
    if (this.failing) throw new Error("the queue is down");
    for (const { body } of messages) this.sent.push(body as (typeof this.sent)[number]); // envelopes, as the outbox sends
  }
}

export type FakeQueues = Readonly<
  Record<"bookings" | "payments" | "notifications" | "search" | "analytics", FakeQueue>
>;

/** One box office whose clock and queues are the test's. */
export class TestOffice {
  readonly facts = newFacts();
  readonly eventId = this.facts.eventId;
  readonly queues: FakeQueues = {
    bookings: new FakeQueue(),
    payments: new FakeQueue(),
    notifications: new FakeQueue(),
    search: new FakeQueue(),
    analytics: new FakeQueue(),
  };
  nowMs = Date.now();

  get stub(): DurableObjectStub<BoxOffice> {
    return env.BOX_OFFICE.get(env.BOX_OFFICE.idFromName(this.eventId));
  }

  /** Prepares and opens the sale. */
  static async open(): Promise<TestOffice> {
    const office = new TestOffice();
    await office.takeOver();
    await office.must("prepareSale", { event: office.facts });
    await office.must("openSale", { event: office.facts });
    return office;
  }

  /** Puts the test's clock and queues into the instance that runs now. */
  takeOver(): Promise<void> {
    return this.inside((instance) => {
      instance.clock = { nowMs: () => this.nowMs };
      // The outbox calls sendBatch and nothing else.
      instance.queues = this.queues as unknown as Queues;
    });
  }

  inside<T>(work: (instance: BoxOffice, state: DurableObjectState) => T | Promise<T>): Promise<T> {
    return runInDurableObject(this.stub, work);
  }

  sql<R extends Record<string, SqlStorageValue>>(query: string): Promise<R[]> {
    return this.inside((_, state) => state.storage.sql.exec<R>(query).toArray());
  }

  ask<N extends OperationName>(operation: N, input: OperationInput<N>, idempotency: IdempotencyClaim | null = null) {
    return offices.run(this.eventId, operation, input, { requestId: "req_test", idempotency });
  }

  /** Asks, and throws where the answer is a refusal. */
  async must<N extends OperationName>(operation: N, input: OperationInput<N>): Promise<OperationValue<N>> {
    const { result } = await this.ask(operation, input);
    if (!result.ok) throw new Error(`${operation}: ${result.error.code}`);
    return result.value;
  }

  /** Ends the instance as a crash or a deploy does, and opens it again from what is stored. */
  async evict(): Promise<void> {
    await evictDurableObject(this.stub);
    await this.takeOver();
  }

  /** Makes of the database what an earlier version of the code had made. */
  turnBack(version: 1 | 2): Promise<void> {
    return this.inside((_, state) => {
      state.storage.sql.exec(`
        DROP INDEX orders_standing;
        ALTER TABLE ticket_types DROP COLUMN sales_start_rule;
        ALTER TABLE ticket_types DROP COLUMN sales_end_rule;
        ALTER TABLE sale DROP COLUMN status_version;
        DROP TABLE rounds;
      `);
      state.storage.sql.exec("UPDATE box_office_schema SET version = ?", version);
    });
  }

  alarm(): Promise<boolean> {
    return runDurableObjectAlarm(this.stub);
  }

  async addPool(capacity: number): Promise<PoolId> {
    return (await this.must("createPool", { name: "Pool", capacity })).id;
  }

  async addType(fields: Partial<NewTicketType> = {}): Promise<TicketTypeId> {
    const { type } = await this.must("createTicketType", {
      name: "Standard",
      description: "",
      kind: "paid",
      price: { amount: 1_000, currency: "EUR" },
      poolIds: null,
      capacity: fields.poolIds == null ? 10 : null,
      minPerOrder: 1,
      maxPerOrder: 10,
      salesStart: null,
      salesEnd: null,
      visibility: "public",
      accessCode: null,
      ...fields,
    });
    return type.id;
  }

  reserve(ticketTypeId: TicketTypeId, quantity = 1, idempotency: IdempotencyClaim | null = null) {
    return this.ask("reserve", { items: [{ ticketTypeId, quantity }], accessCode: null, userId: null }, idempotency);
  }

  /** Reserves and orders. */
  async order(ticketTypeId: TicketTypeId, quantity = 1) {
    const { result } = await this.reserve(ticketTypeId, quantity);
    if (!result.ok) throw new Error(result.error.code);
    return this.must("placeOrder", {
      reservationId: result.value.id,
      holder: proven,
      buyer: { name: "Buyer One", email: "buyer@example.com" },
      attendees: null,
      answers: {},
    });
  }

  pay(
    order: { readonly id: `ord_${string}`; readonly totalMinor: number; readonly currency: string },
    amount?: number,
  ) {
    return this.must("confirmOrder", {
      orderId: order.id,
      paymentId: newId("payment", Date.now()),
      paid: { amount: amount ?? order.totalMinor, currency: order.currency },
    });
  }

  /** Faults of the books, see {@link auditBooks}. */
  audit(): Promise<string[]> {
    return this.inside((_, state) => auditBooks(state.storage.sql));
  }
}

interface PoolBooks extends Record<string, SqlStorageValue> {
  id: string;
  capacity: number;
  held: number;
  sold: number;
  l_capacity: number;
  l_held: number;
  l_sold: number;
}

/** What is below zero, above capacity, or not what the ledger adds up to. Empty when all is well. */
export function auditBooks(sql: SqlStorage): string[] {
  const rows = sql.exec<PoolBooks>(
    `SELECT p.id, p.capacity, p.held, p.sold, coalesce(sum(l.capacity), 0) AS l_capacity, coalesce(sum(l.held), 0) AS l_held,
       coalesce(sum(l.sold), 0) AS l_sold FROM pools p LEFT JOIN ledger l ON l.pool_id = p.id GROUP BY p.id`,
  );
  return [...rows].flatMap((row) => [
    ...(row.held < 0 || row.sold < 0 || row.held + row.sold > row.capacity ? [`${row.id} is oversold`] : []),
    ...(row.capacity === row.l_capacity && row.held === row.l_held && row.sold === row.l_sold
      ? []
      : [`${row.id} is not what its ledger adds up to`]),
  ]);
}

/** Whoever has shown the right secret. */
export const proven = { userId: null, proven: true };
