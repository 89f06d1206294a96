import { createExecutionContext, createMessageBatch } from "cloudflare:test";
import { env } from "cloudflare:workers";
import type { Envelope } from "@foyer/contracts/messages/envelope";
import { dayMs, hourMs } from "@foyer/kernel/clock";
import { newId, newSaleId } from "@foyer/kernel/ids";
import { consumeDeadLetters } from "@foyer/messaging/dead-letters";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createDeps } from "../../src/deps.ts";
import { AnalyticsWorker } from "../../src/entrypoint.ts";
import { deliver, message, newScene, orderNews, type Scene, summaryOf, viewed } from "../kit.ts";

test("a message that is delivered twice, even within one batch, counts once", async () => {
  const scene = await newScene();
  const news = orderNews("order.confirmed", scene);
  expect((await deliver([news, news, viewed(scene)])).acked).toEqual([0, 1, 2]);
  expect((await deliver([news, orderNews("order.confirmed", scene)])).acked).toEqual([0, 1]);
  expect(await summaryOf(scene)).toMatchObject({ orders: { confirmed: 2 }, ticketsSold: 4, views: 1 });
});

test("two messages that tell of one order count once", async () => {
  const scene = await newScene();
  const orderId = newSaleId("order", scene.eventId, Date.now());
  await deliver([orderNews("order.confirmed", scene, { orderId }), orderNews("order.confirmed", scene, { orderId })]);
  await deliver([orderNews("order.confirmed", scene, { orderId })]);
  expect(await summaryOf(scene)).toMatchObject({ orders: { confirmed: 1 }, ticketsSold: 2 });
});

test("a count of reservations that is delivered again adds nothing, and another of the same figures adds up", async () => {
  const scene = await newScene();
  const counted = { ...scene, created: 100, released: 2, expired: 0 };
  const news = message("reservations.counted", counted);
  expect((await deliver([news, news])).acked).toEqual([0, 1]);
  await deliver([news, message("reservations.counted", counted)]);
  expect(await summaryOf(scene)).toMatchObject({ reservations: { created: 200, released: 4, expired: 0 } });
});

test("a visitor who comes again counts as one visitor and as every view", async () => {
  const scene = await newScene();
  await deliver([viewed(scene, "same"), viewed(scene, "same")]);
  await deliver([viewed(scene, "same"), viewed(scene, "other")]);
  expect(await summaryOf(scene)).toMatchObject({ views: 4, visitors: 2 });
});

test("poison in the middle of a batch is retried alone, the others count once", async () => {
  const scene = await newScene();
  const timeless = { ...orderNews("order.confirmed", scene), occurredAt: "some day" };
  const beforeTime = viewed(scene, null, -1);
  const batch = [viewed(scene), timeless, viewed(scene), beforeTime, orderNews("order.confirmed", scene)];
  expect(await deliver(batch)).toEqual({ acked: [0, 2, 4], retried: [1, 3] });
  expect(await deliver(batch)).toEqual({ acked: [0, 2, 4], retried: [1, 3] });
  expect(await summaryOf(scene)).toMatchObject({ views: 2, orders: { confirmed: 1 } });
});

test("what is no envelope is stored as a dead letter at once, and its batch is counted", async () => {
  const scene = await newScene();
  expect((await deliver([viewed(scene), { strange: scene.eventId }, viewed(scene)])).acked).toEqual([0, 1, 2]);
  expect(await summaryOf(scene)).toMatchObject({ views: 2 });
  const row = await env.ANALYTICS_DB.prepare("SELECT reason FROM dead_letters WHERE body LIKE ?1")
    .bind(`%${scene.eventId}%`)
    .first();
  expect(row?.reason).toContain("envelope");
});

test("a whole queue batch is committed in one round trip", async () => {
  const scene = await newScene();
  let trips = 0;
  const { ANALYTICS_DB: db } = env;
  const counting = new Proxy(db, {
    get(target, name) {
      if (name === "batch") {
        return (statements: D1PreparedStatement[]) => {
          trips += 1;
          return target.batch(statements);
        };
      }
      const member: unknown = Reflect.get(target, name);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });
  const { consumeTogether } = await import("@foyer/messaging/batch-consumer");
  const { createHandlers } = await import("../../src/consumers/messages.ts");
  const { createMessageBatch } = await import("cloudflare:test");
  const { systemClock } = await import("@foyer/kernel/clock");
  const { createLogger } = await import("@foyer/telemetry/logger");
  const bodies = Array.from({ length: 100 }, (_, index) => viewed(scene, `visitor-${index % 10}`));
  const batch = createMessageBatch(
    "foyer-analytics",
    bodies.map((body, index) => ({ id: String(index), timestamp: new Date(), attempts: 1, body })),
  );
  await consumeTogether(batch, createHandlers(counting, systemClock), {
    db: counting,
    clock: systemClock,
    log: createLogger("analytics"),
  });
  expect(trips).toBe(1);
  expect(await summaryOf(scene)).toMatchObject({ views: 100, visitors: 10 });
});

const stepArbitrary = fc.record({
  kind: fc.constantFrom(
    "view",
    "reservations.counted",
    "order.created",
    "order.confirmed",
    "order.cancelled",
    "order.refunded",
    "refund",
    "check_in",
  ),
  /** Which of a few orders, tickets or visitors it is about. */
  subject: fc.nat(3),
  hour: fc.nat(50),
  amount: fc.nat(9_999),
  currency: fc.constantFrom("EUR", "USD"),
});
type Step = typeof stepArbitrary extends fc.Arbitrary<infer S> ? S : never;

/** A story of an event, told in messages; the subjects' ids are the same in every telling. */
function tell(steps: readonly Step[], scene: Scene, startMs: number): Envelope[] {
  const ids = [0, 1, 2, 3].map((index) => ({
    orderId: newSaleId("order", scene.eventId, startMs + index),
    ticketId: newSaleId("ticket", scene.eventId, startMs + index),
    refundId: newId("refund", startMs + index),
  }));
  return steps.map(({ kind, subject, hour, amount, currency }, index) => {
    const atMs = startMs + hour * hourMs + index;
    const known = ids[subject];
    if (known === undefined) throw new Error("there are four subjects");
    const ticketTypeId = newId("ticketType", startMs);
    switch (kind) {
      case "view":
        return viewed(scene, `visitor-${subject}`, atMs);
      case "reservations.counted":
        return message(kind, { ...scene, created: amount, released: subject, expired: hour }, atMs);
      case "refund":
        return message(
          "refund.succeeded",
          {
            ...scene,
            orderId: known.orderId,
            paymentId: newId("payment", startMs),
            refundId: known.refundId,
            amount: { amount, currency },
          },
          atMs,
        );
      case "check_in":
        return message("ticket.checked_in", { ...scene, ticketId: known.ticketId, ticketTypeId, atMs }, atMs);
      default:
        return orderNews(kind as "order.created", scene, {
          orderId: known.orderId,
          amount,
          currency,
          atMs,
          tickets: 1 + subject,
        });
    }
  });
}

test("any order and repetition of the same news ends in the same sums, and the sums agree with the facts", async () => {
  const startMs = Date.parse("2026-05-01T00:00:00Z");
  await fc.assert(
    fc.asyncProperty(
      fc.array(stepArbitrary, { minLength: 1, maxLength: 25 }),
      fc.infiniteStream(fc.nat()),
      async (steps, random) => {
        const scene = await newScene();
        const news = tell(steps, scene, startMs);
        await deliver(news);
        const expected = await sumsOf(scene);
        expect(await sumsOfFacts(scene)).toEqual(expected);

        const twin = await newScene();
        // The same story of the twin: every id in it is another, and it is told twice and in any order.
        const retold = tell(steps, twin, startMs);
        const shuffled = [...retold, ...retold]
          .map((one) => ({ one, order: random.next().value ?? 0 }))
          .sort((left, right) => left.order - right.order)
          .map(({ one }) => one);
        for (let start = 0; start < shuffled.length; start += 7) await deliver(shuffled.slice(start, start + 7));
        expect(await sumsOf(twin)).toEqual(expected);
        expect(await sumsOfFacts(twin)).toEqual(expected);
      },
    ),
    { numRuns: 25 },
  );
});

/** Sums as the triggers keep them, by hour, and their totals. */
async function sumsOf({ eventId }: Scene): Promise<unknown> {
  const [hourly, totals] = await env.ANALYTICS_DB.batch([
    env.ANALYTICS_DB.prepare(
      "SELECT kind, hour_ms, currency, count, tickets, amount_minor FROM hourly WHERE event_id = ?1 ORDER BY 1, 2, 3",
    ).bind(eventId),
    env.ANALYTICS_DB.prepare(
      "SELECT kind, currency, count, tickets, amount_minor FROM totals WHERE event_id = ?1 ORDER BY 1, 2",
    ).bind(eventId),
  ]);
  return { hourly: hourly?.results, totals: totals?.results };
}

/** The same, counted from the facts. */
async function sumsOfFacts({ eventId }: Scene): Promise<unknown> {
  const sums =
    "sum(count) AS count, sum(tickets) AS tickets, sum(amount_minor) AS amount_minor FROM facts WHERE event_id = ?1";
  const [hourly, totals] = await env.ANALYTICS_DB.batch([
    env.ANALYTICS_DB.prepare(
      `SELECT kind, at_ms - at_ms % 3600000 AS hour_ms, currency, ${sums} GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    ).bind(eventId),
    env.ANALYTICS_DB.prepare(`SELECT kind, currency, ${sums} GROUP BY 1, 2 ORDER BY 1, 2`).bind(eventId),
  ]);
  return { hourly: hourly?.results, totals: totals?.results };
}

test("cron forgets single views and old notes, and no sum changes", async () => {
  const scene = await newScene();
  const oldMs = Date.now() - 8 * dayMs;
  await deliver([
    viewed(scene, "old", oldMs),
    viewed(scene, "new"),
    message("reservations.counted", { ...scene, created: 3, released: 1, expired: 1 }, oldMs),
    orderNews("order.confirmed", scene, { atMs: oldMs }),
  ]);
  await env.ANALYTICS_DB.prepare("INSERT INTO inbox (message_id, handled_at_ms) VALUES ('msg_old', ?1)")
    .bind(oldMs)
    .run();
  const before = await summaryOf(scene);
  await new AnalyticsWorker(createExecutionContext(), env).scheduled();
  const { results } = await env.ANALYTICS_DB.prepare("SELECT kind FROM facts WHERE event_id = ?1 ORDER BY kind")
    .bind(scene.eventId)
    .all();
  expect(results.map(({ kind }) => kind)).toEqual(["order_confirmed", "view", "visitor"]);
  expect(await env.ANALYTICS_DB.prepare("SELECT 1 FROM inbox WHERE message_id = 'msg_old'").first()).toBeNull();
  expect(await summaryOf(scene)).toEqual(before);
  expect(before).toMatchObject({ views: 2, visitors: 2 });
});

test("news that analytics does not count is left alone", async () => {
  const outcome = await deliver([message("user.registered", { userId: newId("user", Date.now()) })]);
  expect(outcome).toEqual({ acked: [0], retried: [] });
});

test("a dead letter that is stored is counted, for an operator to be woken by", async () => {
  const points: unknown[] = [];
  const { consumer } = createDeps({ ...env, METRICS: { writeDataPoint: (point) => points.push(point) } });
  const letter = {
    id: "dead",
    timestamp: new Date(),
    attempts: 1,
    body: message("event.cancelled", {
      eventId: newId("event", 1),
      organizationId: newId("organization", 1),
      version: 1,
      note: null,
    }),
  };
  await consumeDeadLetters(createMessageBatch("foyer-analytics-dlq", [letter]), consumer);
  expect(points).toEqual([{ indexes: ["message.dead"], blobs: ["queue=foyer-analytics-dlq"], doubles: [1] }]);
});
