import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { MessageType, Payload } from "@foyer/contracts/messages/catalog";
import { type Emulators, startEmulators } from "@foyer/emulators/start";
import { required } from "@foyer/kernel/assert";
import { isId } from "@foyer/kernel/ids";
import { newMessage } from "@foyer/messaging/message";
import { createFoyer } from "@foyer/sdk";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { localWebhookSecret, newSecrets } from "../../scripts/platform/secrets.ts";
import { freePort } from "../../scripts/platform/start.ts";
import { workerNameOf } from "../../scripts/platform/workers.ts";
import {
  type Bought,
  type Held,
  openPayment,
  pay,
  readOrder,
  readPayment,
  reserve,
  ticketsOf,
  untilOrder,
} from "../../scripts/sale/buyer.ts";
import { until } from "../../scripts/sale/mails.ts";
import { type Organizer, type PublishedEvent, publishEvent } from "../../scripts/sale/organizer.ts";
import { findRuntime, readRounds } from "./support/crash.ts";
import { orderTickets, takeFreeTickets, won } from "./support/shop.ts";
import { chargesOf, sessionsOf } from "./support/stripe.ts";
import { countAllRowsAtRest } from "./support/tables.ts";
import { newOrganizer, newPlan, startWorld, type World } from "./support/world.ts";

/** How long messages may take through several workers, on a machine that does much else. */
const patienceMs = 40_000;

/** What these tests use of a queue's binding. */
interface Producer {
  send(body: unknown): Promise<unknown>;
}

function cancel(organizer: Organizer, { eventId }: PublishedEvent) {
  return organizer.foyer.post("/v1/events/{id}/cancel", {
    params: { path: { id: eventId } },
    body: { note: "The hall has burnt down. Read on at evil.example" },
  });
}

async function poolsOf(organizer: Organizer, { eventId }: PublishedEvent) {
  const { data } = (await organizer.foyer.get("/v1/events/{id}/pools", { params: { path: { id: eventId } } })).data;
  return data.map(({ capacity, sold, held, available }) => ({ capacity, sold, held, available }));
}

/** Subjects of all mails to a buyer, the oldest first. */
async function subjectsTo(emulators: Emulators, { email }: Bought): Promise<string[]> {
  const mails = await emulators.resend.listMails();
  return mails.filter(({ to }) => to.includes(email)).map(({ subject }) => subject);
}

/** What went back of each charge of an order, at Stripe. */
async function refundsOf(world: World, bought: Bought): Promise<number[]> {
  const intents = (await chargesOf(world, bought)).map((charge) => charge.payment_intent);
  const { refunds } = await world.emulators.stripe.state();
  return refunds.filter((refund) => intents.includes(refund.payment_intent)).map(({ amount }) => amount);
}

describe("an event that its organizer cancels", () => {
  let world: World;
  let organizer: Organizer;
  let event: PublishedEvent;
  const paid: Bought[] = [];
  const free: Bought[] = [];
  let part: Bought;
  let unpaid: Bought;
  let late: Bought;
  let scanned: string;
  const mailsBefore = new Map<Bought, number>();
  const everybody = () => [...paid, ...free, part, unpaid, late];

  beforeAll(async () => {
    world = await startWorld();
    organizer = await newOrganizer(world);
    event = await publishEvent(organizer, newPlan({ paid: 40, free: 40 }));
  });
  afterAll(() => world?.stop());

  /** Tells a worker something as another one would, once more or for the first time. */
  async function tell<T extends MessageType>(from: "events" | "bookings", to: string, type: T, payload: Payload<T>) {
    const bindings = await world.platform.miniflare.getBindings<Record<string, Producer>>(workerNameOf(from));
    const message = newMessage(type, payload, { source: from, requestId: "req_again", nowMs: Date.now() });
    await required(bindings[to], `a producer of ${to}`).send(message);
  }

  test("has sold by then: paid for, free, refunded in part, used at the door, unpaid, held, and paid at this moment", async () => {
    for (let count = 0; count < 4; count += 1) paid.push(await orderTickets(world, event.eventId, event.paidTypeId, 2));
    part = await orderTickets(world, event.eventId, event.paidTypeId, 3);
    for (const bought of [...paid, part]) {
      await pay(world, bought);
      await untilOrder(world, bought, "confirmed");
    }
    for (let count = 0; count < 3; count += 1) free.push(await takeFreeTickets(world, event.eventId, event.freeTypeId));
    const [ticket] = await ticketsOf(world, part);
    const { id: paymentId } = await readPayment(world, part);
    await organizer.foyer.post("/v1/payments/{id}/refunds", {
      params: { path: { id: paymentId } },
      body: { reason: "One cannot come", amount: { amount: 4_500, currency: "EUR" }, ticketIds: [ticket?.id ?? ""] },
    });
    await untilOrder(world, part, "partially_refunded");
    scanned = (await ticketsOf(world, required(paid[0], "four have paid")))[0]?.code ?? "";
    const scan = await organizer.foyer.post("/v1/events/{id}/check-ins", {
      params: { path: { id: event.eventId } },
      body: { code: scanned },
    });
    expect(scan.data.result).toBe("admitted");
    unpaid = await orderTickets(world, event.eventId, event.paidTypeId, 2);
    await openPayment(world, unpaid, "checkout");
    late = await orderTickets(world, event.eventId, event.paidTypeId, 2);
    won(await reserve(world, event.eventId, event.paidTypeId, 3));
    // The money is at Stripe, and the platform does not know it yet.
    const { stripe } = world.emulators;
    await stripe.faults.webhooks("lost", { count: 1_000 });
    await pay(world, late);
    await stripe.waitForDeliveries();
    await stripe.faults.clear();
    expect((await readOrder(world, late)).status).toBe("pending_payment");
    expect(await poolsOf(organizer, event)).toEqual([
      { capacity: 40, sold: 10, held: 7, available: 23 },
      { capacity: 40, sold: 3, held: 0, available: 37 },
    ]);
    await until("the mails so far", async () => {
      const counts = await Promise.all([...paid, ...free, part].map((bought) => subjectsTo(world.emulators, bought)));
      return counts.every((subjects) => subjects.length >= 1) && counts.at(-1)?.length === 2 ? true : null;
    });
    for (const bought of everybody()) mailsBefore.set(bought, (await subjectsTo(world.emulators, bought)).length);
  });

  test("ends every order, although Stripe's first answer to a refund is lost", async () => {
    await world.emulators.stripe.faults.api("timeout_after_success", { route: "POST /v1/refunds", delayMs: 200 });
    await cancel(organizer, event);
    for (const bought of everybody()) await untilOrder(world, bought, "cancelled", patienceMs);
    await until(
      "the money to be back",
      async () => {
        const backs = await Promise.all([...paid, part, late].map((bought) => refundsOf(world, bought)));
        const sums = backs.map((amounts) => amounts.reduce((sum, amount) => sum + amount, 0));
        return sums.join() === [9_000, 9_000, 9_000, 9_000, 13_500, 9_000].join() ? true : null;
      },
      patienceMs,
    );
  }, 90_000);

  test("is told again in every way, which changes nothing", async () => {
    const { eventId } = event;
    const { organizationId } = organizer;
    if (!isId("event", eventId) || !isId("organization", organizationId)) throw new Error("ids");
    const ids = { eventId, organizationId };
    for (const version of [3, 99]) {
      await tell("events", "QUEUE_BOOKINGS", "event.cancelled", { ...ids, version, note: null });
      await tell("events", "QUEUE_BOOKINGS", "event.notice_due", { ...ids, version, notice: "postponed" });
    }
    for (const bought of [...paid, part, late]) {
      const payment = await readPayment(world, bought);
      if (!isId("order", bought.orderId) || !isId("payment", payment.id)) throw new Error("ids");
      const { orderId } = bought;
      const amount = { amount: payment.amount.amount, currency: "EUR" };
      const due = { ...ids, orderId, paymentId: payment.id, amount, reason: "event_cancelled" };
      await tell("bookings", "QUEUE_PAYMENTS", "order.refund_due", due);
    }
    await world.platform.runCron("payments");
    await countAllRowsAtRest(world);
  });

  test("has given every cent back once, and no more: at Stripe, in the ledger, and as bookings knows it", async () => {
    for (const bought of paid) expect(await refundsOf(world, bought)).toEqual([9_000]);
    expect(await refundsOf(world, part)).toEqual([4_500, 9_000]);
    expect(await refundsOf(world, late)).toEqual([9_000]);
    const payments = await world.platform.database("payments");
    const { results } = await payments
      .prepare("SELECT account, sum(amount_minor) AS sum FROM ledger_entries GROUP BY account HAVING sum <> 0")
      .all();
    expect(results).toEqual([]);
    const open = await payments
      .prepare("SELECT id FROM refunds WHERE status <> 'succeeded' OR recorded_at_ms IS NULL")
      .all();
    expect(open.results).toEqual([]);
    const reviews = await payments.prepare("SELECT id FROM review_cases").all();
    expect(reviews.results).toEqual([]);
    for (const bought of [...paid, part]) {
      expect((await readOrder(world, bought)).refunded?.amount).toBe(bought.totalMinor);
    }
  });

  test("has told each buyer exactly once", async () => {
    for (const bought of everybody()) {
      const subjects = (await subjectsTo(world.emulators, bought)).slice(mailsBefore.get(bought));
      expect([bought.orderId, subjects]).toEqual([bought.orderId, ["Cancelled: Winter Concert"]]);
    }
    const mails = await world.emulators.resend.listMails();
    const mail = mails.findLast(({ to }) => to.includes(part.email));
    expect(mail?.text).toContain("The organizer has cancelled this event");
    expect(mail?.text).toContain("The organizer says: “The hall has burnt down. Read on at …”");
    expect(mail?.text).toContain("the money goes back the way you paid");
  });

  test("has every place back, admits nobody, takes no money any more and is not found", async () => {
    expect(await poolsOf(organizer, event)).toEqual([
      { capacity: 40, sold: 0, held: 0, available: 40 },
      { capacity: 40, sold: 0, held: 0, available: 40 },
    ]);
    for (const bought of everybody()) {
      for (const { status } of await ticketsOf(world, bought)) expect(status).toBe("void");
    }
    const scan = await organizer.foyer.post("/v1/events/{id}/check-ins", {
      params: { path: { id: event.eventId } },
      body: { code: scanned, direction: "out" },
    });
    expect(scan.data.result).toBe("void");
    expect((await sessionsOf(world, unpaid)).map(({ status }) => status)).toEqual(["expired"]);
    await expect(openPayment(world, unpaid, "checkout")).rejects.toMatchObject({ status: 409 });
    expect(await reserve(world, event.eventId, event.paidTypeId)).toMatchObject({ won: false });
    const found = await organizer.foyer.get("/v1/search/events", { params: { query: { q: "winter" } } });
    expect(found.data.data).toEqual([]);
  });

  test("nothing went wrong unseen: the one payment that came too late is all that was logged as an error", () => {
    const errors = world.logs.filter(({ level }) => level === "error").map(({ text }) => text);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain("payment cannot be honoured");
    expect(errors[0]).toContain(late.orderId);
  });
});

describe("a runtime that is killed while an event is being cancelled", () => {
  /** Enough for several batches of each, so that a crash can come between two of them. */
  const ordersCount = 110;
  const reservationsCount = 210;
  const tries = 3;
  let stateDirectory: string;
  let emulators: Emulators;
  let start: () => Promise<World>;
  let world: World;
  let organizer: Organizer;

  beforeAll(async () => {
    stateDirectory = await mkdtemp(path.join(tmpdir(), "foyer-cancellation-"));
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    emulators = await startEmulators({
      stripe: { webhookUrl: `${url}/v1/webhooks/stripe`, webhookSecret: localWebhookSecret },
      resend: {},
      oauth: { callbackBaseUrl: url },
    });
    const secrets = newSecrets();
    start = () => startWorld({ port, secrets, stateDirectory, emulators });
    world = await start();
    organizer = await newOrganizer(world);
  });
  afterAll(async () => {
    await world?.stop();
    await emulators?.stop();
    await rm(stateDirectory, { recursive: true, force: true });
  });

  /** Does something so many times, a few at once. */
  async function many<T>(count: number, act: () => Promise<T>): Promise<T[]> {
    const done: T[] = [];
    let left = count;
    const lane = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        done.push(await act());
      }
    };
    await Promise.all(Array.from({ length: 8 }, lane));
    return done;
  }

  async function isReleased({ reservationId, secret }: Held): Promise<boolean> {
    const { data } = await createFoyer({ baseUrl: world.url }).get("/v1/reservations/{id}", {
      params: { path: { id: reservationId } },
      reservationSecret: secret,
    });
    return data.status === "released";
  }

  test("cancels the rest when it is back, gives every place back and tells nobody twice", async () => {
    for (let attempt = 1; ; attempt += 1) {
      const plan = newPlan({ paid: 1, free: ordersCount + reservationsCount }, `Concert ${attempt}`);
      const event = await publishEvent(organizer, plan);
      // A round goes through reservations by their end, and then through orders by id.
      const first = won(await reserve(world, event.eventId, event.freeTypeId)).held;
      await many(reservationsCount - 1, () => reserve(world, event.eventId, event.freeTypeId));
      const bought = await many(ordersCount, () => orderTickets(world, event.eventId, event.freeTypeId));
      const orders = bought.toSorted((left, right) => (left.orderId < right.orderId ? -1 : 1));
      await cancel(organizer, event);
      // Without a pause between two looks: the round is short.
      while (!(await isReleased(first)));
      process.kill(await findRuntime(), "SIGKILL");
      await world.stop();
      const [round] = (await readRounds(stateDirectory)).filter(({ eventId }) => eventId === event.eventId);
      world = await start();
      const { visited, isFinished } = required(round, "the round had begun");
      if (!isFinished) {
        // Nobody calls: the alarm that was set goes on by itself.
        await until(
          "the pools to be empty",
          async () => ((await poolsOf(organizer, event)).every(({ sold, held }) => sold + held === 0) ? true : null),
          patienceMs,
        );
        for (const bought of orders) expect((await readOrder(world, bought)).status).toBe("cancelled");
        // What was in a queue when the runtime died is lost with it here, and not at Cloudflare: those who come after must be told.
        await until(
          "the mails of the rest",
          async () => {
            const mails = await emulators.resend.listMails();
            const told = new Set(mails.filter(({ subject }) => /^Cancelled/.test(subject)).flatMap(({ to }) => to));
            return orders.slice(visited).every(({ email }) => told.has(email)) ? true : null;
          },
          patienceMs,
        );
        await countAllRowsAtRest(world);
        const mails = await emulators.resend.listMails();
        for (const { email } of orders) {
          const own = mails.filter(({ to, subject }) => to.includes(email) && /^Cancelled/.test(subject));
          expect(own.length).toBeLessThanOrEqual(1);
        }
        return;
      }
      if (attempt === tries) throw new Error(`none of ${tries} crashes came in the middle of a round`);
    }
  }, 180_000);
});
