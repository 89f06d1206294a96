import type { BookingsRpc } from "@foyer/contracts/bookings/rpc";
import { required } from "@foyer/kernel/assert";
import { isId, newId, type OrderId } from "@foyer/kernel/ids";
import { bearerSession, createFoyer, type Foyer } from "@foyer/sdk";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type Bought,
  openPayment,
  pay,
  readOrder,
  readPayment,
  sessionOf,
  ticketsOf,
  untilOrder,
} from "../../scripts/sale/buyer.ts";
import { mailsTo, until } from "../../scripts/sale/mails.ts";
import { type Organizer, type PublishedEvent, publishEvent } from "../../scripts/sale/organizer.ts";
import { countRows, orderTickets, takeFreeTickets } from "./support/shop.ts";
import { chargesOf, completedEventOf, deliver, sessionsOf, sign } from "./support/stripe.ts";
import { newOrganizer, newPlan, startWorld, type World } from "./support/world.ts";

const openSession = "POST /v1/checkout/sessions";

describe("a sale in which outside services fail", () => {
  let world: World;
  let organizer: Organizer;
  let event: PublishedEvent;

  beforeAll(async () => {
    world = await startWorld();
    organizer = await newOrganizer(world);
    event = await publishEvent(organizer, newPlan({ paid: 100, free: 100 }));
  });
  afterEach(() => world.emulators.stripe.faults.clear());
  afterAll(() => world?.stop());

  const orderSeat = (quantity = 1): Promise<Bought> => orderTickets(world, event.eventId, event.paidTypeId, quantity);

  /** Pays while no webhook arrives: afterwards only Stripe knows. */
  async function payUnheard(bought: Bought): Promise<void> {
    const { stripe } = world.emulators;
    await stripe.faults.webhooks("lost", { count: 1_000 });
    await pay(world, bought);
    await stripe.waitForDeliveries();
    await stripe.faults.clear();
    expect((await readOrder(world, bought)).status).toBe("pending_payment");
  }

  /** What happened once, seen from all sides: one set of tickets, one mail, one charge, books that balance. */
  async function expectPaidOnce(bought: Bought, tickets = 1): Promise<void> {
    await untilOrder(world, bought, "confirmed");
    await mailsTo(world, bought.email, /your tickets/i);
    await world.emulators.stripe.waitForDeliveries();
    await outboxEmpty();
    const mails = await world.emulators.resend.listMails();
    expect(mails.filter(({ to }) => to.includes(bought.email))).toHaveLength(1);
    expect(await ticketsOf(world, bought)).toHaveLength(tickets);
    const payments = await world.platform.database("payments");
    const { results } = await payments
      .prepare(
        "SELECT id, status, (SELECT count(DISTINCT transaction_id) FROM ledger_entries WHERE payment_id = payments.id) AS transactions FROM payments WHERE order_id = ?1 AND status = 'succeeded'",
      )
      .bind(bought.orderId)
      .all<{ id: string; status: string; transactions: number }>();
    expect(results.map(({ transactions }) => transactions)).toEqual([1]);
    expect(await chargesOf(world, bought)).toHaveLength(1);
  }

  /** Payments have told everything, without waiting for the clock. */
  async function outboxEmpty(): Promise<void> {
    await until("the outbox to be empty", async () =>
      (await countRows(world, "payments", "outbox")) === 0 ? true : null,
    );
  }

  /** Lets an order's time run out now, as its alarm would. */
  async function expireNow(bought: Bought): Promise<void> {
    const bindings = await world.platform.miniflare.getBindings<{ BOOKINGS: BookingsRpc }>("foyer-payments");
    const call = { actor: { kind: "system", name: "payments" }, requestId: "expire-now" } as const;
    const done = await bindings.BOOKINGS.expireOrder(call, { orderId: orderIdOf(bought) });
    expect(done.ok).toBe(true);
  }

  test("a lost webhook is made up for when the buyer comes back", async () => {
    const bought = await orderSeat();
    await payUnheard(bought);
    expect((await readPayment(world, bought)).status).toBe("succeeded");
    await expectPaidOnce(bought);
  });

  test("a lost webhook is made up for by the clock, after fifteen minutes, when nobody comes back", async () => {
    const bought = await orderSeat(2);
    await payUnheard(bought);
    await world.platform.runCron("payments");
    expect((await readOrder(world, bought)).status).toBe("pending_payment");

    const payments = await world.platform.database("payments");
    const row = await payments
      .prepare("SELECT next_check_at_ms - created_at_ms AS delayMs FROM payments WHERE order_id = ?1")
      .bind(bought.orderId)
      .first<{ delayMs: number }>();
    expect(row?.delayMs).toBe(15 * 60_000);
    await payments
      .prepare("UPDATE payments SET next_check_at_ms = next_check_at_ms - ?2 WHERE order_id = ?1")
      .bind(bought.orderId, 15 * 60_000)
      .run();
    await world.platform.runCron("payments");
    await expectPaidOnce(bought, 2);
  });

  test("a webhook that comes twice has the effect of one", async () => {
    const bought = await orderSeat();
    await world.emulators.stripe.faults.webhooks("twice", { count: 10 });
    await pay(world, bought);
    await expectPaidOnce(bought);
    const { id } = await completedEventOf(world, bought);
    const deliveries = await world.emulators.stripe.waitForDeliveries();
    expect(deliveries.find(({ eventId }) => eventId === id)?.attempts.map(({ status }) => status)).toEqual([200, 200]);
  });

  test("fifty copies of a webhook at once have the effect of one", async () => {
    const bought = await orderSeat(2);
    await payUnheard(bought);
    const completed = await completedEventOf(world, bought);
    const body = JSON.stringify(completed, null, 2);
    const answers = await Promise.all(Array.from({ length: 50 }, () => deliver(world, body, sign(body))));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    await expectPaidOnce(bought, 2);
    expect(await countRows(world, "payments", "provider_events WHERE id = ?1", completed.id)).toBe(1);
  });

  test("webhooks that come late or in the wrong order end the same", async () => {
    const { faults } = world.emulators.stripe;
    const reversed = await orderSeat();
    await faults.webhooks("out_of_order", { count: 3, delayMs: 400 });
    await pay(world, reversed);
    await expectPaidOnce(reversed);
    await faults.clear();

    const late = await orderSeat();
    await faults.webhooks("late", { count: 10, delayMs: 700 });
    await pay(world, late);
    expect((await readOrder(world, late)).status).toBe("pending_payment");
    await expectPaidOnce(late);
  });

  test("a declined card changes nothing, and another card pays", async () => {
    const bought = await orderSeat();
    const { checkoutUrl } = await openPayment(world, bought, "checkout");
    const { stripe } = world.emulators;
    const declined = await stripe.payCheckout(sessionOf(checkoutUrl), { paymentMethod: "pm_card_chargeDeclined" });
    expect(declined.status).toBe(402);
    await stripe.waitForDeliveries();
    expect((await readPayment(world, bought)).status).toBe("open");
    expect((await readOrder(world, bought)).status).toBe("pending_payment");
    expect((await openPayment(world, bought, "checkout")).checkoutUrl).toBe(checkoutUrl);
    expect((await stripe.payCheckout(sessionOf(checkoutUrl))).status).toBe(303);
    await expectPaidOnce(bought);
  });

  test("an answer of Stripe that is lost does not make a second payment", async () => {
    const bought = await orderSeat();
    const { faults } = world.emulators.stripe;
    await faults.webhooks("lost", { count: 1_000 });
    await faults.api("timeout_after_success", { route: openSession, delayMs: 200 });
    await pay(world, bought);
    expect(await sessionsOf(world, bought)).toHaveLength(1);
    await faults.clear();
    expect((await readPayment(world, bought)).status).toBe("succeeded");
    await expectPaidOnce(bought);
    expect(await countRows(world, "payments", "payments WHERE order_id = ?1", bought.orderId)).toBe(1);
  });

  test("while Stripe is down the buyer is told to come back, keeps the hold, and pays afterwards", async () => {
    const bought = await orderSeat();
    const { faults } = world.emulators.stripe;
    await faults.api("500", { count: 1_000 });
    const refused = await fetch(`${world.url}/v1/orders/${bought.orderId}/payment`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-order-secret": bought.orderSecret,
        "idempotency-key": "while-stripe-is-down",
      },
      body: JSON.stringify({ returnUrl: "http://localhost:8787/return" }),
    });
    expect(refused.status).toBe(503);
    expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ code: "platform.unavailable" });
    await faults.clear();
    expect((await readOrder(world, bought)).status).toBe("pending_payment");
    await pay(world, bought);
    await expectPaidOnce(bought);
    expect(await sessionsOf(world, bought)).toHaveLength(1);
  });

  test("money that comes after the order expired takes the stock again where some is left", async () => {
    const bought = await orderSeat();
    await payUnheard(bought);
    await expireNow(bought);
    await expectPaidOnce(bought);
    expect((await readPayment(world, bought)).status).toBe("succeeded");
    const { refunds } = await world.emulators.stripe.state();
    const [charge] = await chargesOf(world, bought);
    expect(refunds.filter((refund) => refund.payment_intent === charge?.payment_intent)).toEqual([]);
  });

  test("money that comes after the last ticket went to another goes back, the buyer is told, and nothing is oversold", async () => {
    const last = await publishEvent(organizer, newPlan({ paid: 1, free: 1 }));
    const late = await orderTickets(world, last.eventId, last.paidTypeId);
    await payUnheard(late);
    await expireNow(late);
    const quick = await orderTickets(world, last.eventId, last.paidTypeId);
    await pay(world, quick);
    await untilOrder(world, quick, "confirmed");

    const refunded = await untilOrder(world, late, "refunded");
    expect(refunded.refunded).toEqual({ amount: 4_500, currency: "EUR" });
    const mails = await mailsTo(world, late.email, /we could not complete your order/i);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.text).not.toMatch(/F1\.tkt_/);
    expect(await ticketsOf(world, late)).toEqual([]);
    const [charge] = await chargesOf(world, late);
    const { refunds } = await world.emulators.stripe.state();
    expect(
      refunds
        .filter((refund) => refund.payment_intent === charge?.payment_intent)
        .map(({ amount, status }) => ({ amount, status })),
    ).toEqual([{ amount: 4_500, status: "succeeded" }]);
    const pools = await organizer.foyer.get("/v1/events/{id}/pools", { params: { path: { id: last.eventId } } });
    expect(pools.data.data[0]).toMatchObject({ capacity: 1, sold: 1, held: 0, available: 0 });
  });

  test("an organizer's refund voids the tickets, gives the stock back, and is told to the buyer", async () => {
    const bought = await orderSeat(2);
    await pay(world, bought);
    await untilOrder(world, bought, "confirmed");
    const codes = (await ticketsOf(world, bought)).map(({ code }) => code ?? "");
    const poolOf = async () =>
      required(
        (await organizer.foyer.get("/v1/events/{id}/pools", { params: { path: { id: event.eventId } } })).data.data[0],
        "the event has a pool",
      );
    const before = await poolOf();
    const payments = await organizer.foyer.get("/v1/payments", {
      params: { query: { organizationId: organizer.organizationId, orderId: bought.orderId } },
    });
    const payment = required(payments.data.data[0], "the order was paid");
    const refund = (key: string) =>
      organizer.foyer.post("/v1/payments/{id}/refunds", {
        params: { path: { id: payment.id } },
        body: { reason: "The buyer cannot come" },
        idempotencyKey: key,
      });
    const first = await refund("refund-once");
    const again = await refund("refund-once");
    expect(again.data.id).toBe(first.data.id);
    expect(first.data.amount).toEqual({ amount: 9_000, currency: "EUR" });
    await expect(refund("refund-more")).rejects.toMatchObject({ status: 409 });

    await untilOrder(world, bought, "refunded");
    expect((await ticketsOf(world, bought)).map(({ status, code }) => ({ status, code }))).toEqual([
      { status: "void", code: null },
      { status: "void", code: null },
    ]);
    const after = await poolOf();
    expect([after.sold, after.available]).toEqual([before.sold - 2, before.available + 2]);
    const scan = await organizer.foyer.post("/v1/events/{id}/check-ins", {
      params: { path: { id: event.eventId } },
      body: { code: codes[0] ?? "" },
    });
    expect(scan.data.result).toBe("void");
    expect(await mailsTo(world, bought.email, /^refund for/i)).toHaveLength(1);
    const { refunds } = await world.emulators.stripe.state();
    expect(refunds.filter(({ metadata }) => metadata?.foyer_refund_id === first.data.id)).toHaveLength(1);
  });

  test("a mail provider that fails delays the mail, and it is sent once", async () => {
    await world.emulators.resend.failNext("500", 2);
    const bought = await takeFreeTickets(world, event.eventId, event.freeTypeId);
    const mails = await until(
      "the mail",
      async () => {
        const own = (await world.emulators.resend.listMails()).filter(({ to }) => to.includes(bought.email));
        return own.length === 0 ? null : own;
      },
      25_000,
    );
    expect(mails).toHaveLength(1);
    const { results } = await (await world.platform.database("notifications"))
      .prepare("SELECT status FROM deliveries ORDER BY created_at_ms DESC LIMIT 1")
      .all<{ status: string }>();
    expect(results).toEqual([{ status: "sent" }]);
  });

  test("a webhook that Stripe did not sign, or long ago, or not like this, is refused and not stored", async () => {
    const bought = await orderSeat();
    await payUnheard(bought);
    const body = JSON.stringify(await completedEventOf(world, bought), null, 2);
    const good = sign(body);
    const before = await countRows(world, "payments", "provider_events");
    const attempts: Readonly<Record<string, readonly [string, string]>> = {
      "no signature": [body, ""],
      "altered signature": [body, good.slice(0, -4) + (good.endsWith("0000") ? "1111" : "0000")],
      "another secret": [body, sign(body, { secret: "whsec_another" })],
      "an old timestamp": [body, sign(body, { ageSeconds: 301 })],
      "a re-encoded body": [JSON.stringify(JSON.parse(body)), good],
      "an altered body": [body.replace("4500", "1"), good],
    };
    for (const [what, [sent, signature]] of Object.entries(attempts)) {
      const answer = await deliver(world, sent, signature);
      expect([what, answer.status]).toEqual([what, 400]);
      expect(await answer.json()).toMatchObject({ code: "payments.invalid_signature" });
    }
    expect(await countRows(world, "payments", "provider_events")).toBe(before);
    expect((await readOrder(world, bought)).status).toBe("pending_payment");
  });

  test("what no consumer could handle is kept, and an administrator can replay it, once", async () => {
    const bought = await takeFreeTickets(world, event.eventId, event.freeTypeId);
    await mailsTo(world, bought.email, /your tickets/i);
    const envelope = {
      id: newId("message", Date.now()),
      type: "order.confirmed",
      occurredAt: new Date().toISOString(),
      source: "bookings",
      requestId: "dead-letter",
      payload: {
        eventId: event.eventId,
        organizationId: organizer.organizationId,
        orderId: bought.orderId,
        sequence: 2,
        total: { amount: 0, currency: "EUR" },
        items: [{ ticketTypeId: event.freeTypeId, quantity: 1 }],
      },
    };
    const notifications = await world.platform.miniflare.getWorker("foyer-notifications");
    const now = new Date();
    const inQueue = (id: string, body: unknown) => [{ id, timestamp: now, attempts: 1, body }];
    await notifications.queue("foyer-notifications-dlq", inQueue("given-up", envelope));
    await notifications.queue("foyer-notifications", inQueue("poison", { type: "nonsense" }));

    const list = "/v1/admin/notifications/dead-letters";
    await expect(organizer.foyer.get(list)).rejects.toMatchObject({ status: 403 });
    const administrator = await newAdministrator();
    const { data } = (await administrator.get(list)).data;
    const kept = required(
      data.find(({ messageId }) => messageId === envelope.id),
      "the message is kept",
    );
    const poison = required(
      data.find(({ messageId }) => messageId === null),
      "the poisonous message is kept",
    );
    expect(kept).toMatchObject({ type: "order.confirmed", reason: "retries exhausted", replayedAt: null });

    const replay = (id: string) =>
      administrator.post("/v1/admin/notifications/dead-letters/{id}/replay", { params: { path: { id } } });
    expect((await replay(kept.id)).data).toEqual({ replayed: true });
    expect((await replay(kept.id)).data).toEqual({ replayed: true });
    await expect(replay(poison.id)).rejects.toMatchObject({ status: 409, code: "messaging.replay_failed" });
    const mails = await world.emulators.resend.listMails();
    // One for the order, one for the message that was replayed; not one more for the second replay.
    expect(mails.filter(({ to }) => to.includes(bought.email))).toHaveLength(2);
  });

  async function newAdministrator(): Promise<Foyer> {
    const { email, password } = await newOrganizer(world);
    const users = await world.platform.database("users");
    await users.prepare("UPDATE users SET platform_admin = 1 WHERE email = ?1").bind(email).run();
    const { data } = await createFoyer({ baseUrl: world.url }).post("/v1/auth/login", { body: { email, password } });
    const session = bearerSession(data);
    return createFoyer({ baseUrl: world.url, accessToken: session.accessToken });
  }
});

function orderIdOf({ orderId }: Bought): OrderId {
  if (!isId("order", orderId)) throw new Error(`${orderId} is not the id of an order`);
  return orderId;
}
