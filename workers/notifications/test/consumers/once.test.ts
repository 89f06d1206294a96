import { env } from "cloudflare:workers";
import { limits } from "@foyer/kernel/limits";
import { describe, expect, test } from "vitest";
import {
  deliveryOf,
  emailError,
  fakeEmail,
  givenLetter,
  givenOrder,
  letterOf,
  movableClock,
  orderMessage,
  worker,
} from "../support.ts";

const done = { acked: ["q0"], retried: [] };
const again = { acked: [], retried: ["q0"] };

/** The worker's database, whose next batch does not arrive. */
function dbThatLosesBatches(count: number): D1Database {
  let left = count;
  return new Proxy(env.NOTIFICATIONS_DB, {
    get(db, name) {
      if (name === "prepare") return (sql: string) => db.prepare(sql);
      return async (statements: D1PreparedStatement[]) => {
        if (left > 0) {
          left -= 1;
          throw new Error("database down");
        }
        return db.batch(statements);
      };
    },
  });
}

describe("one message, one mail", () => {
  test("delivered twice, one after the other", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    const { binding, calls } = fakeEmail();
    const { deliver } = worker({ EMAIL: binding });
    expect(await deliver([confirmed])).toEqual(done);
    expect(await deliver([confirmed])).toEqual(done);
    expect(calls()).toBe(1);
    expect(await deliveryOf(confirmed.id)).toMatchObject({ status: "sent", attempts: 1 });
  });

  test("delivered ten times at once: one is sent, the others wait and then find it done", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    const { binding, calls } = fakeEmail();
    const { deliver } = worker({ EMAIL: binding });
    const outcomes = await Promise.all(Array.from({ length: 10 }, () => deliver([confirmed])));
    expect(outcomes.filter((outcome) => outcome.acked.length === 1).length).toBeGreaterThanOrEqual(1);
    expect(await deliver([confirmed])).toEqual(done);
    expect(calls()).toBe(1);
  });

  test("delivered in one batch with copies of itself, a poison message and others", async () => {
    const [first, second] = [await givenOrder(), await givenOrder()];
    const poison = orderMessage("order.confirmed", await givenOrder());
    const confirmed = orderMessage("order.confirmed", first);
    const { binding, mails } = fakeEmail((mail) => {
      if (mail.text.includes(poison.payload.orderId)) throw new Error("poison");
    });
    const bodies = [confirmed, poison, "not a message", confirmed, orderMessage("order.confirmed", second)];
    expect(await worker({ EMAIL: binding }).deliver(bodies)).toEqual({
      acked: ["q0", "q2", "q3", "q4"],
      retried: ["q1"],
    });
    expect(mails.map((mail) => mail.to).toSorted()).toEqual([first.buyer.email, second.buyer.email].toSorted());
  });

  test("two different messages about one order are two mails", async () => {
    const order = await givenOrder();
    const { binding, calls } = fakeEmail();
    await worker({ EMAIL: binding }).deliver([
      orderMessage("order.confirmed", order),
      orderMessage("order.cancelled", order),
    ]);
    expect(calls()).toBe(2);
  });

  test("when the note of a sent mail is lost, nothing goes out while the lease runs, then once more under the same key", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    const clock = movableClock();
    const { binding, mails, calls } = fakeEmail();
    const lossy = worker({ EMAIL: binding, NOTIFICATIONS_DB: dbThatLosesBatches(1) }, clock);
    expect(await lossy.deliver([confirmed])).toEqual(again);
    expect(await lossy.deliver([confirmed])).toEqual(again);
    expect(calls()).toBe(1);
    clock.advance(limits.mailLeaseSeconds * 1_000);
    expect(await lossy.deliver([confirmed])).toEqual(done);
    const row = await deliveryOf(confirmed.id);
    expect(mails.map((mail) => mail.headers["X-Foyer-Delivery"])).toEqual([row?.id, row?.id]);
    expect(row).toMatchObject({ status: "sent", attempts: 2 });
    expect(await lossy.deliver([confirmed])).toEqual(done);
    expect(calls()).toBe(2);
  });

  test("a sender that hangs beyond its lease cannot undo what its successor achieved", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    const clock = movableClock();
    let release = (): void => {};
    const hanging = fakeEmail(async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      throw emailError("E_VALIDATION_ERROR");
    });
    const late = worker({ EMAIL: hanging.binding }, clock).deliver([confirmed]);
    await expect.poll(() => hanging.calls()).toBe(1);
    clock.advance(limits.mailLeaseSeconds * 1_000);
    expect(await worker({ EMAIL: fakeEmail().binding }, clock).deliver([confirmed])).toEqual(done);
    release();
    await late;
    expect(await deliveryOf(confirmed.id)).toMatchObject({ status: "sent", refusals: 0 });
  });
});

describe("what fails now is sent later", () => {
  test("bookings is down", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    const { binding, calls } = fakeEmail();
    const { deliver } = worker({ EMAIL: binding });
    await env.BOOKINGS.testDown(1);
    expect(await deliver([confirmed])).toEqual(again);
    expect(await deliveryOf(confirmed.id)).toBeNull();
    expect(await deliver([confirmed])).toEqual(done);
    expect(calls()).toBe(1);
  });

  test("users is down, or cannot answer now", async () => {
    const { message: due } = await givenLetter();
    const { binding, calls } = fakeEmail();
    const { deliver } = worker({ EMAIL: binding });
    await env.USERS.testDown(1);
    expect(await deliver([due])).toEqual(again);
    const { letterId } = due.payload;
    const { letter } = await givenLetter();
    await env.USERS.testLetter(letterId, { ok: false, error: { code: "platform.unavailable", detail: "Later." } });
    expect(await deliver([due])).toEqual(again);
    expect(calls()).toBe(0);
    await env.USERS.testLetter(letterId, { ok: true, value: letter });
    expect(await deliver([due])).toEqual(done);
    expect(calls()).toBe(1);
  });

  test.each(["E_INTERNAL_SERVER_ERROR", "E_RATE_LIMIT_EXCEEDED", "E_DAILY_LIMIT_EXCEEDED", "E_SENDER_NOT_VERIFIED"])(
    "the provider answers %s",
    async (code) => {
      const confirmed = orderMessage("order.confirmed", await givenOrder());
      const { binding, mails } = fakeEmail((_, call) => {
        if (call === 1) throw emailError(code);
      });
      const { deliver } = worker({ EMAIL: binding });
      expect(await deliver([confirmed])).toEqual(again);
      expect(await deliveryOf(confirmed.id)).toMatchObject({ status: "queued", error_class: code, lease_until_ms: 0 });
      expect(await deliver([confirmed])).toEqual(done);
      expect(mails).toHaveLength(1);
      expect(await deliveryOf(confirmed.id)).toMatchObject({ status: "sent", attempts: 2, error_class: null });
      expect(await letterOf(confirmed.id)).toBeNull();
    },
  );

  test("the configuration is wrong", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    expect(await worker({ MAIL_PROVIDER: "pigeon" }).deliver([confirmed])).toEqual(again);
    expect(await deliveryOf(confirmed.id)).toMatchObject({ status: "queued", error_class: "configuration" });
    expect(await worker({ EMAIL: fakeEmail().binding }).deliver([confirmed])).toEqual(done);
  });

  test("one mail that hangs holds up no other of its batch", async () => {
    const orders = await Promise.all(Array.from({ length: 20 }, () => givenOrder()));
    let release = (): void => {};
    const { binding, mails } = fakeEmail((mail) => {
      if (mail.to !== orders[0]?.buyer.email) return;
      return new Promise((resolve) => {
        release = resolve;
      });
    });
    const batch = worker({ EMAIL: binding }).deliver(orders.map((order) => orderMessage("order.confirmed", order)));
    await expect.poll(() => mails.length).toBe(19);
    release();
    expect((await batch).acked).toHaveLength(20);
  });

  test("no more mails than allowed are under way at once", async () => {
    const orders = await Promise.all(Array.from({ length: 20 }, () => givenOrder()));
    let running = 0;
    let runningMax = 0;
    const { binding } = fakeEmail(async () => {
      running += 1;
      runningMax = Math.max(runningMax, running);
      await env.NOTIFICATIONS_DB.prepare("SELECT 1").first();
      running -= 1;
    });
    await worker({ EMAIL: binding }).deliver(orders.map((order) => orderMessage("order.confirmed", order)));
    expect(runningMax).toBeLessThanOrEqual(limits.mailConcurrencyMax);
    expect(runningMax).toBeGreaterThan(1);
  });
});

describe("what the provider refuses for good", () => {
  test("is noted as failed and stored as a dead letter; each replay is one further try under a new key", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    const keys: (string | undefined)[] = [];
    const { binding, mails } = fakeEmail((mail, call) => {
      keys.push(mail.headers["X-Foyer-Delivery"]);
      if (call <= 2) throw emailError("E_VALIDATION_ERROR");
    });
    const { deliver } = worker({ EMAIL: binding });
    expect(await deliver([confirmed])).toEqual(done);
    const row = await deliveryOf(confirmed.id);
    expect(row).toMatchObject({ status: "failed", error_class: "E_VALIDATION_ERROR", attempts: 1 });
    expect(await letterOf(confirmed.id)).toMatchObject({ reason: "mail refused: E_VALIDATION_ERROR" });

    expect(await deliver([confirmed])).toEqual(done); // a second delivery by the queue: refused again, still one letter
    expect(await deliver([confirmed])).toEqual(done);
    expect(keys).toEqual([row?.id, `${row?.id}.1`, `${row?.id}.2`]);
    expect(mails).toHaveLength(1);
    expect(await deliveryOf(confirmed.id)).toMatchObject({ status: "sent", attempts: 3, refusals: 2 });
  });

  test("an address that the provider no longer writes to is suppressed: done, nothing to replay", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    const { binding, calls } = fakeEmail(() => {
      throw emailError("E_RECIPIENT_SUPPRESSED");
    });
    const { deliver } = worker({ EMAIL: binding });
    expect(await deliver([confirmed])).toEqual(done);
    expect(await deliver([confirmed])).toEqual(done);
    expect(calls()).toBe(1);
    expect(await deliveryOf(confirmed.id)).toMatchObject({
      status: "suppressed",
      error_class: "E_RECIPIENT_SUPPRESSED",
    });
    expect(await letterOf(confirmed.id)).toBeNull();
  });
});
