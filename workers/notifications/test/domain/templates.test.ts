import { holderNotices } from "@foyer/contracts/messages/catalog";
import { required } from "@foyer/kernel/assert";
import { limits } from "@foyer/kernel/limits";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatEventTime } from "../../src/domain/event-time.ts";
import {
  eventChangedMail,
  orderCancelledMail,
  orderConfirmedMail,
  orderRefundDueMail,
  orderRefundedMail,
  orderUrl,
} from "../../src/domain/templates.ts";
import { newOrder } from "../support.ts";

const site = "https://foyer.example";

function everyMail(order: ReturnType<typeof newOrder>) {
  return [
    orderConfirmedMail(order, site),
    orderCancelledMail(order, site),
    orderRefundedMail(order, null, site),
    orderRefundDueMail(order, order.total, site),
    ...holderNotices.map((notice) => eventChangedMail(order, notice, site)),
  ];
}

/** An order in which everything that people write is this text. */
function orderOf(text: string) {
  const order = newOrder();
  return {
    ...order,
    event: { ...order.event, status: "cancelled" as const, title: text, place: text, note: `Note: ${text}` },
    buyer: { ...order.buyer, name: text },
    tickets: order.tickets.map((ticket) => ({ ...ticket, holderName: text, ticketTypeName: text })),
  };
}

/** Whether HTML holds only the tags that the layout writes, with only the attributes that it gives them. */
function isHarmless(html: string): boolean {
  return (html.match(/<[^>]*>?/g) ?? []).every((tag) => allowedTag.test(tag));
}

const allowedTag =
  /^<\/?(?:html|head|meta|title|body|div|p|bdi|table|tr|td|a|strong|br|code|!doctype html)(?: (?:style|href|role|lang|name|content|charset)="[^"<>]*")*>$/i;

function expectHarmless(text: string): void {
  for (const mail of everyMail(orderOf(text))) {
    expect(mail.subject).not.toMatch(/[\r\n\p{Cc}]/u);
    expect([...mail.subject].length).toBeLessThanOrEqual(limits.mailSubjectCharsMax);
    expect(isHarmless(mail.html)).toBe(true);
    expect((mail.html + mail.text).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
  }
  const linesOf = (order: ReturnType<typeof newOrder>) => everyMail(order).map((mail) => mail.text.split("\n").length);
  expect(linesOf(orderOf(text))).toEqual(linesOf(orderOf("plain")));
}

describe("whatever people wrote", () => {
  test.each([
    ["a script", "<script>alert(1)</script>"],
    ["an image with a handler", '"><img src=x onerror=alert(1)>'],
    ["a closing tag", "</title></bdi></table>"],
    ["an attribute's end", "' onmouseover='alert(1)"],
    ["an entity", "&lt;script&gt;"],
    ["a formula", "=cmd|' /C calc'!A0"],
    ["a header", "x\r\nBcc: all@example.com\r\n\r\nbody"],
    ["another direction", "\u202eevil\u202c שלום"],
    ["emoji", "🎻👩‍👩‍👧"],
    ["NUL", "a\u0000b"],
    ["very much", "long ".repeat(1_000)],
    ["nothing", ""],
  ])("%s comes out as text: no markup, one line of subject, bounded", (_, text) => {
    expectHarmless(text);
  });

  test("no text at all breaks out of its place", () => {
    const pieces = [
      "<",
      ">",
      '"',
      "'",
      "&",
      "\r\n",
      "\u0000",
      "\u202e",
      "/",
      "a",
      " ",
      "=",
      "ש",
      "😀",
      "script",
      "Bcc:",
    ];
    fc.assert(fc.property(fc.string({ unit: fc.constantFrom(...pieces), maxLength: 60 }), expectHarmless));
  });

  test("the check itself sees markup that was let through", () => {
    for (const tag of ["<script>", "<img src=x>", "<p onclick=x>", "<p"])
      expect(isHarmless(`<p>${tag}</p>`)).toBe(false);
    expect(isHarmless('<p><a href="x" style="color:#0b57d0">x</a></p>')).toBe(true);
  });
});

describe("tickets", () => {
  test("as many as a mail holds are listed, and the rest are counted", () => {
    const order = newOrder();
    const ticket = required(order.tickets[0], "the factory makes tickets");
    const some = (count: number) => ({
      ...order,
      tickets: Array.from({ length: count }, (_, index) => ({ ...ticket, code: `code-${index}.` })),
    });
    const max = limits.ticketsPerMailMax;
    const listed = (count: number) => orderConfirmedMail(some(count), site).text;
    expect(listed(max)).toContain(`code-${max - 1}.`);
    expect(listed(max)).not.toContain("more tickets");
    expect(listed(max + 1)).not.toContain(`code-${max}.`);
    expect(listed(max + 1)).toContain("1 more tickets are on your order's page");
    expect(listed(1)).toContain("Your ticket is below");
  });

  test("two hundred of them stay within what mail programs show whole", () => {
    const order = newOrder();
    const long = { ticketTypeName: "x".repeat(200), holderName: "y".repeat(120), code: "z".repeat(255) };
    const tickets = order.tickets.flatMap((ticket) => Array.from({ length: 100 }, () => ({ ...ticket, ...long })));
    const mail = orderConfirmedMail({ ...order, tickets }, site);
    expect(new TextEncoder().encode(mail.html + mail.text).byteLength).toBeLessThan(200_000);
  });

  test("that cost nothing are free", () => {
    expect(orderConfirmedMail(newOrder({ total: { amount: 0, currency: "EUR" } }), site).text).toContain("Total: Free");
  });

  test.each([
    [{ amount: 2_500, currency: "USD" }, "$25.00"],
    [{ amount: 2_500, currency: "JPY" }, "¥2,500"],
    [{ amount: 2_500, currency: "KWD" }, "2.500"],
  ])("their total is written with the decimals of its currency: %o", (total, text) => {
    expect(orderConfirmedMail(newOrder({ total }), site).text).toContain(text);
  });
});

describe("links", () => {
  test("the order's secret stands in the fragment, which no server is sent", () => {
    const order = newOrder({ secret: "a b&c#d" });
    const url = new URL(orderUrl(site, order));
    expect(url.pathname).toBe(`/orders/${order.orderId}`);
    expect(url.search).toBe("");
    expect(decodeURIComponent(url.hash)).toBe("#secret=a b&c#d");
  });
});

describe("the time of an event", () => {
  const at = (startsAt: string | null, endsAt: string | null, timezone: string) =>
    formatEventTime({
      startsAtMs: startsAt === null ? null : Date.parse(startsAt),
      endsAtMs: endsAt === null ? null : Date.parse(endsAt),
      timezone,
    });

  test.each([
    [
      "2026-11-28T19:00:00Z",
      "2026-11-28T22:00:00Z",
      "Europe/Berlin",
      "Saturday, November 28, 2026, 8:00 – 11:00 PM GMT+1",
    ],
    ["2026-07-04T19:00:00Z", null, "Europe/Berlin", "Saturday, July 4, 2026 at 9:00 PM GMT+2"],
    ["2026-11-28T03:30:00Z", null, "America/New_York", "Friday, November 27, 2026 at 10:30 PM EST"],
    ["2026-11-28T19:00:00Z", null, "Asia/Kolkata", "Sunday, November 29, 2026 at 12:30 AM GMT+5:30"],
    // The night the clocks go back: the same wall time twice, told apart by the offset.
    ["2026-10-25T00:30:00Z", null, "Europe/Berlin", "Sunday, October 25, 2026 at 2:30 AM GMT+2"],
    ["2026-10-25T01:30:00Z", null, "Europe/Berlin", "Sunday, October 25, 2026 at 2:30 AM GMT+1"],
    ["2026-11-28T19:00:00Z", "2026-11-28T19:00:00Z", "UTC", "Saturday, November 28, 2026 at 7:00 PM UTC"],
    [null, null, "UTC", "Date to be announced"],
    ["2026-11-28T19:00:00Z", null, "Nowhere/Here", "Saturday, November 28, 2026 at 7:00 PM UTC"],
  ])("from %s to %s in %s reads %s", (startsAt, endsAt, timezone, text) => {
    expect(at(startsAt, endsAt, timezone)).toBe(text);
  });

  test("over several days names both", () => {
    const text = at("2026-11-27T19:00:00Z", "2026-11-29T22:00:00Z", "Europe/Berlin");
    expect(text).toContain("November 27, 2026");
    expect(text).toContain("November 29, 2026");
  });
});
