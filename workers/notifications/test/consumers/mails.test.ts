import { createExecutionContext, createMessageBatch, getQueueResult } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { newId, newSaleId } from "@foyer/kernel/ids";
import { describe, expect, test, vi } from "vitest";
import NotificationsWorker from "../../src/index.ts";
import {
  deliveryOf,
  fakeEmail,
  givenLetter,
  givenOrder,
  letterOf,
  message,
  newOrder,
  noticeMessage,
  orderMessage,
  worker,
} from "../support.ts";

const done = { acked: ["q0"], retried: [] };

describe("each message makes its mail", () => {
  test("a confirmed order: title, time at the event, place, every code, and the link with the secret in its fragment", async () => {
    const order = await givenOrder();
    const { binding, mails } = fakeEmail();
    expect(await worker({ EMAIL: binding }).deliver([orderMessage("order.confirmed", order)])).toEqual(done);
    const [mail] = mails;
    expect(mails).toHaveLength(1);
    expect(mail).toMatchObject({
      to: order.buyer.email,
      from: { name: "Foyer", email: "tickets@foyer.example" },
      subject: "Your tickets for Night of Strings",
      headers: { "Auto-Submitted": "auto-generated" },
    });
    const link = `http://localhost:8787/orders/${order.orderId}#secret=${order.secret}`;
    for (const body of [mail?.text, mail?.html]) {
      expect(body).toContain("Hello Buyer One,");
      expect(body).toContain("Saturday, November 28, 2026");
      expect(body).toContain("8:00 – 11:00 PM GMT+1");
      expect(body).toContain("Great Hall, Berlin");
      expect(body).toContain("€50.00");
      expect(body).toContain("Holder Two");
      for (const ticket of order.tickets) expect(body).toContain(ticket.code);
      expect(body).toContain(link);
    }
    expect(Object.keys(mail?.headers ?? {})).not.toContain("List-Unsubscribe");
  });

  test("a cancelled order", async () => {
    const order = await givenOrder({ status: "cancelled" });
    const { binding, mails } = fakeEmail();
    await worker({ EMAIL: binding }).deliver([orderMessage("order.cancelled", order)]);
    expect(mails).toMatchObject([{ to: order.buyer.email, subject: "Your order for Night of Strings is cancelled" }]);
    expect(mails[0]?.text).toContain("no longer valid");
    expect(mails[0]?.text).toContain("the money goes back");
    for (const ticket of order.tickets) expect(mails[0]?.text).not.toContain(ticket.code);
  });

  test("an order cancelled with its event, free of charge, says so and promises no money", async () => {
    const order = await givenOrder({ status: "cancelled", total: { amount: 0, currency: "EUR" } });
    const cancelled = { ...order, event: { ...order.event, status: "cancelled" as const } };
    await env.BOOKINGS.testOrder(cancelled);
    const { binding, mails } = fakeEmail();
    await worker({ EMAIL: binding }).deliver([orderMessage("order.cancelled", cancelled)]);
    expect(mails).toMatchObject([{ subject: "Cancelled: Night of Strings" }]);
    expect(mails[0]?.text).toContain("The organizer has cancelled this event");
    expect(mails[0]?.text).not.toContain("money");
    expect(mails[0]?.text).not.toContain("The organizer says");
  });

  test("an order cancelled with its event, paid: why, in the organizer's own words, and that the money goes back", async () => {
    const event = {
      ...newOrder().event,
      status: "cancelled" as const,
      note: "The <b>hall</b> burnt.\nSee evil.example",
    };
    const order = await givenOrder({ status: "cancelled", event });
    const { binding, mails } = fakeEmail();
    await worker({ EMAIL: binding }).deliver([orderMessage("order.cancelled", order)]);
    expect(mails).toMatchObject([{ to: order.buyer.email, subject: "Cancelled: Night of Strings" }]);
    expect(mails[0]?.text).toContain("The organizer says: “The <b>hall</b> burnt. See …”");
    expect(mails[0]?.html).toContain("The &lt;b&gt;hall&lt;/b&gt; burnt. See …");
    for (const body of [mails[0]?.text, mails[0]?.html]) expect(body).toContain("the money goes back the way you paid");
  });

  test("a postponed event: keep the tickets, a new date follows, and what the organizer says", async () => {
    const event = { ...newOrder().event, status: "postponed" as const, note: "The singer is ill." };
    const order = await givenOrder({ event });
    const { binding, mails } = fakeEmail();
    const due = noticeMessage(order, "postponed");
    expect(await worker({ EMAIL: binding }).deliver([due, due])).toEqual({ acked: ["q0", "q1"], retried: [] });
    expect(mails).toMatchObject([{ to: order.buyer.email, subject: "Postponed: Night of Strings" }]);
    for (const body of [mails[0]?.text, mails[0]?.html]) {
      expect(body).toContain("Your tickets stay valid");
      expect(body).toContain("The organizer says: “The singer is ill.”");
      expect(body).toContain("To be announced (it was Saturday, November 28, 2026");
      for (const { code } of order.tickets) expect(body).not.toContain(code);
    }
    expect(await deliveryOf(due.id)).toMatchObject({ kind: "event_postponed", status: "sent" });
  });

  test.each([
    ["rescheduled", "event_rescheduled", "New date: Night of Strings"],
    ["relocated", "event_relocated", "New place: Night of Strings"],
  ] as const)("an event that is %s: when by its own clock and where it is now", async (notice, kind, subject) => {
    const order = newOrder();
    const event = {
      ...order.event,
      version: 7,
      startsAtMs: Date.parse("2027-07-03T02:30:00Z"),
      endsAtMs: Date.parse("2027-07-03T04:00:00Z"),
      timezone: "America/New_York",
      place: "Small Hall, New York",
      note: "Of another day.",
    };
    await env.BOOKINGS.testOrder({ ...order, event });
    const { binding, mails } = fakeEmail();
    const due = noticeMessage(order, notice, 7);
    expect(await worker({ EMAIL: binding }).deliver([due])).toEqual(done);
    expect(mails).toMatchObject([{ to: order.buyer.email, subject }]);
    for (const body of [mails[0]?.text, mails[0]?.html]) {
      expect(body).toContain("Friday, July 2, 2027 at 10:30 PM");
      expect(body).toContain("EDT");
      expect(body).toContain("Small Hall, New York");
      expect(body).toContain(`http://localhost:8787/orders/${order.orderId}#secret=${order.secret}`);
      expect(body).not.toContain("Of another day");
    }
    expect(await deliveryOf(due.id)).toMatchObject({ kind, status: "sent" });
  });

  test("a refunded order: the whole sum, or the part that is known, or part of it", async () => {
    const whole = await givenOrder({ status: "refunded" });
    const part = await givenOrder({ status: "partially_refunded" });
    const { binding, mails } = fakeEmail();
    const known = orderMessage("order.refunded", part);
    await worker({ EMAIL: binding }).deliver([
      orderMessage("order.refunded", whole),
      orderMessage("order.refunded", part),
      { ...known, payload: { ...known.payload, refunded: { amount: 1_250, currency: "EUR" } } },
    ]);
    expect(mails.map((mail) => mail.subject)).toEqual(mails.map(() => "Refund for Night of Strings"));
    const texts = mails.map((mail) => mail.text);
    expect(texts.filter((text) => text.includes("We have sent €50.00 back"))).toHaveLength(1);
    expect(texts.filter((text) => text.includes("We have sent part of your payment back"))).toHaveLength(1);
    expect(texts.filter((text) => text.includes("We have sent €12.50 back"))).toHaveLength(1);
  });

  test("a payment that could not be honoured tells the buyer that the money goes back", async () => {
    const order = await givenOrder({ status: "refund_due", tickets: [] });
    const { binding, mails } = fakeEmail();
    await worker({ EMAIL: binding }).deliver([orderMessage("order.refund_due", order)]);
    expect(mails).toMatchObject([
      { to: order.buyer.email, subject: "We could not complete your order for Night of Strings" },
    ]);
    expect(mails[0]?.text).toContain("Your payment of €50.00 reached us");
    expect(mails[0]?.text).toContain("The whole amount goes back");
  });

  test("a letter: what it is about, to the address that it was written for, with its link", async () => {
    const { letter, token, message: due } = await givenLetter();
    const { binding, mails } = fakeEmail();
    expect(await worker({ EMAIL: binding }).deliver([due])).toEqual(done);
    expect(mails).toMatchObject([{ to: letter.to, subject: "Confirm your email address" }]);
    for (const body of [mails[0]?.text, mails[0]?.html]) {
      expect(body).toContain(`http://localhost:8787/verify-email#token=${token}`);
      expect(body).toContain("Tuesday, January 1, 2030");
    }
    expect(await deliveryOf(due.id)).toMatchObject({ kind: "verify_email", status: "sent" });
  });

  test("through the worker's own queue and mail binding a mail is sent and noted", async () => {
    const order = await givenOrder();
    const confirmed = orderMessage("order.confirmed", order);
    const batch = createMessageBatch("foyer-notifications", [
      { id: "q0", timestamp: new Date(), attempts: 1, body: confirmed },
    ]);
    const ctx = createExecutionContext();
    await new NotificationsWorker(ctx, env).queue(batch);
    expect((await getQueueResult(batch, ctx)).explicitAcks).toEqual(["q0"]);
    expect(await deliveryOf(confirmed.id)).toMatchObject({
      kind: "order_confirmed",
      status: "sent",
      provider: "cloudflare",
      provider_message_id: expect.stringMatching(/^<\w+@foyer\.example>$/),
    });
  });

  test("bookings is asked as a system, under the request's own id", async () => {
    const order = await givenOrder();
    await worker({ EMAIL: fakeEmail().binding }).deliver([orderMessage("order.confirmed", order)]);
    const asked = await env.BOOKINGS.testAsked();
    expect(asked.filter(({ orderId }) => orderId === order.orderId)).toEqual([
      { orderId: order.orderId, requestId: "req_test" },
    ]);
  });
});

describe("a mail that is no longer needed is not sent, and its message is done", () => {
  test.each(["cancelled", "refunded", "refund_due"] as const)(
    "tickets of an order that is %s by now",
    async (status) => {
      const order = await givenOrder({ status });
      const { binding, calls } = fakeEmail();
      expect(await worker({ EMAIL: binding }).deliver([orderMessage("order.confirmed", order)])).toEqual(done);
      expect(calls()).toBe(0);
    },
  );

  test("tickets that remain after a part was refunded are sent", async () => {
    const order = await givenOrder({ status: "partially_refunded" });
    const { binding, calls } = fakeEmail();
    expect(await worker({ EMAIL: binding }).deliver([orderMessage("order.confirmed", order)])).toEqual(done);
    expect(calls()).toBe(1);
  });

  test.each([
    ["the order is cancelled", "relocated", { status: "cancelled" }, {}],
    ["the order is refunded", "relocated", { status: "refunded" }, {}],
    ["no ticket is left of it", "relocated", { status: "partially_refunded", tickets: [] }, {}],
    ["the event is cancelled", "postponed", {}, { status: "cancelled" }],
    ["the event is over", "rescheduled", {}, { status: "completed" }],
    ["the event has its new date", "postponed", {}, { status: "published", version: 9 }],
    ["the date was put off again", "rescheduled", {}, { status: "postponed", version: 9 }],
  ] as const)("a notice of a change, where %s by now", async (_, notice, over, event) => {
    const order = newOrder(over);
    await env.BOOKINGS.testOrder({ ...order, event: { ...order.event, ...event } });
    const { binding, calls } = fakeEmail();
    const due = noticeMessage(order, notice, 1);
    expect(await worker({ EMAIL: binding }).deliver([due])).toEqual(done);
    expect(calls()).toBe(0);
    expect(await deliveryOf(due.id)).toBeNull();
  });

  test("that money goes back, where the mail about the cancelled event has said so; of an order cancelled by itself it is told", async () => {
    const order = newOrder({ status: "cancelled" });
    const { binding, mails } = fakeEmail();
    const own = worker({ EMAIL: binding });
    const { eventId, organizationId } = order.event;
    const { orderId, total: amount } = order;
    const ids = { eventId, organizationId, orderId, paymentId: newId("payment", Date.now()) };
    const reasoned = (reason: string) => message("order.refund_due", { ...ids, amount, reason });
    await env.BOOKINGS.testOrder({ ...order, event: { ...order.event, status: "cancelled" } });
    await own.deliver([
      reasoned("event_cancelled"),
      reasoned("order_cancelled"),
      orderMessage("order.refunded", order),
    ]);
    expect(mails).toEqual([]);
    await env.BOOKINGS.testOrder(order);
    await own.deliver([reasoned("order_cancelled"), orderMessage("order.refunded", order)]);
    expect(mails.map(({ subject }) => subject)).toEqual(["Refund for Night of Strings"]);
  });

  test("a payment that came after the event was cancelled, for an order that had expired, is told with that reason", async () => {
    const order = newOrder({ status: "refund_due", tickets: [] });
    await env.BOOKINGS.testOrder({ ...order, event: { ...order.event, status: "cancelled" } });
    const { binding, mails } = fakeEmail();
    await worker({ EMAIL: binding }).deliver([orderMessage("order.refund_due", order)]);
    expect(mails[0]?.text).toContain("reached us after the organizer had cancelled this event");
  });

  test("a letter whose link was used, replaced or has run out", async () => {
    const { letterId, message: due } = await givenLetter();
    await env.USERS.testLetter(letterId, { ok: false, error: { code: "users.letter_void", detail: "Gone." } });
    const { binding, calls } = fakeEmail();
    expect(await worker({ EMAIL: binding }).deliver([due])).toEqual(done);
    expect(calls()).toBe(0);
    expect(await deliveryOf(due.id)).toBeNull();
  });
});

describe("what can never become a mail is a dead letter at once", () => {
  test("an order that bookings does not know", async () => {
    const order = await givenOrder();
    const unknown = { ...order, orderId: newSaleId("order", order.event.eventId, Date.now()) };
    const confirmed = orderMessage("order.confirmed", unknown);
    expect(await worker({ EMAIL: fakeEmail().binding }).deliver([confirmed])).toEqual(done);
    expect(await letterOf(confirmed.id)).toMatchObject({ reason: "no such order", replayed_at_ms: null });
  });

  test("an address that could carry a header with it is refused before the provider sees it", async () => {
    const order = await givenOrder({
      buyer: { name: "Buyer One", email: "buyer@example.com\r\nBcc: all@example.com", userId: null },
    });
    const confirmed = orderMessage("order.confirmed", order);
    const { binding, calls } = fakeEmail();
    expect(await worker({ EMAIL: binding }).deliver([confirmed])).toEqual(done);
    expect(calls()).toBe(0);
    expect(await deliveryOf(confirmed.id)).toMatchObject({ status: "failed", error_class: "invalid_address" });
  });
});

test("neither the database nor the log holds an address, a name, a code, a secret or a title", async () => {
  const lines: string[] = [];
  const spies = (["debug", "info", "warn", "error"] as const).map((level) =>
    vi.spyOn(console, level).mockImplementation((line) => void lines.push(String(line))),
  );
  const order = await givenOrder();
  const { letter, token, message: requested } = await givenLetter();
  const failing = fakeEmail((mail) => {
    throw new Error(`550 no mailbox ${mail.to} for ${mail.text}`);
  });
  const bodies = [orderMessage("order.confirmed", order), requested];
  await worker({ EMAIL: failing.binding }).deliver(bodies);
  await worker({ EMAIL: fakeEmail().binding }).deliver(bodies);
  await worker().deliver(bodies, "foyer-notifications-dlq");
  for (const spy of spies) spy.mockRestore();

  const kept: unknown[] = [];
  for (const table of ["deliveries", "inbox", "dead_letters"]) {
    kept.push((await env.NOTIFICATIONS_DB.prepare(`SELECT * FROM ${table}`).all()).results);
  }
  const everything = JSON.stringify(kept) + lines.join("\n");
  expect(lines.length).toBeGreaterThan(0);
  expect(everything).toContain(order.orderId);
  const personal = [order.buyer.email, letter.to, token, order.secret, order.tickets[0]?.code ?? "?"];
  for (const value of personal) expect(everything).not.toContain(value);
  expect(JSON.stringify(kept)).not.toMatch(/Buyer One|Holder|Night of Strings/);
});
