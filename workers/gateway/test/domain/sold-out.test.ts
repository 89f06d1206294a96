import { newId } from "@foyer/kernel/ids";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  createSoldOutFlags,
  flagProbeAfterMs,
  flagRenewAfterMs,
  flagTtlMs,
  plainBodyCharsMax,
  plainTicketTypes,
  refusalFrom,
} from "../../src/domain/sold-out.ts";

const refusal = { before: '{"requestId":"', after: '"}' };
const event = newId("event", 0);
const ticketType = newId("ticketType", 0);
const other = newId("ticketType", 1);

test("a flag refuses for less than a second and never at its end", () => {
  const flags = createSoldOutFlags();
  flags.flag(event, [ticketType], refusal, 5_000);
  expect(flags.refusalFor(event, [ticketType], 5_000)).toBe(refusal);
  expect(flags.refusalFor(event, [other, ticketType], 5_000 + flagProbeAfterMs - 1)).toBe(refusal);
  expect(flags.refusalFor(event, [ticketType], 5_000 + flagTtlMs)).toBeNull();
  expect(flags.has(event)).toBe(false);
});

test("a flag is young for a tenth of a second, and only if all that is named is flagged", () => {
  const flags = createSoldOutFlags();
  expect(flags.wereJustFlagged(event, [ticketType], 0)).toBe(false);
  flags.flag(event, [ticketType], refusal, 0);
  expect(flags.wereJustFlagged(event, [ticketType], flagRenewAfterMs - 1)).toBe(true);
  expect(flags.wereJustFlagged(event, [ticketType, other], flagRenewAfterMs - 1)).toBe(false);
  expect(flags.wereJustFlagged(event, [ticketType], flagRenewAfterMs)).toBe(false);
});

test("before a flag ends exactly one request goes through to ask again", () => {
  const flags = createSoldOutFlags();
  flags.flag(event, [ticketType], refusal, 0);
  const answers = Array.from({ length: 50 }, () => flags.refusalFor(event, [ticketType], flagProbeAfterMs));
  expect(answers.filter((answer) => answer === null)).toHaveLength(1);
  expect(answers[0]).toBeNull();
});

test("a flag concerns its own event and ticket type only", () => {
  const flags = createSoldOutFlags();
  flags.flag(event, [ticketType], refusal, 0);
  expect(flags.refusalFor(event, [other], 1)).toBeNull();
  expect(flags.refusalFor(newId("event", 1), [ticketType], 1)).toBeNull();
});

test("the memory is bounded: past two hundred events the oldest is forgotten", () => {
  const flags = createSoldOutFlags();
  flags.flag(event, [ticketType], refusal, 0);
  for (let index = 1; index <= 200; index += 1) flags.flag(newId("event", index), [ticketType], refusal, 0);
  expect(flags.has(event)).toBe(false);
});

test("names that are no ticket types are not remembered", () => {
  const flags = createSoldOutFlags();
  flags.flag(event, ["tt_short", "", "__proto__"], refusal, 0);
  expect(flags.refusalFor(event, ["tt_short"], 1)).toBeNull();
});

test("a problem is said again with another request id and nothing else changed", () => {
  const problem = {
    code: "bookings.sold_out",
    detail: 'quote " and \\',
    available: [{ ticketTypeId: ticketType }],
    requestId: "first",
  };
  const halves = refusalFrom(JSON.stringify(problem), ticketType);
  expect(JSON.parse(`${halves?.before}second${halves?.after}`)).toEqual({ ...problem, requestId: "second" });
});

test.each(["", "{", "null", "[]", "7", '{"code":"bookings.sold_out"}'])(
  "%j is no problem document to repeat",
  (body) => {
    expect(refusalFrom(body, ticketType)).toBeNull();
  },
);

const item = { ticketTypeId: ticketType, quantity: 1 };

test("a plain reservation names its ticket types", () => {
  const body = JSON.stringify({ items: [item, { quantity: 100, ticketTypeId: other }] });
  expect(plainTicketTypes(body)).toEqual([ticketType, other]);
});

test.each<[string, unknown]>([
  ["a promo code", { items: [item], promoCode: "X" }],
  ["an access code", { items: [item], accessCode: "X" }],
  ["no items", { items: [] }],
  ["items that are no list", { items: item }],
  ["an unknown field in an item", { items: [{ ...item, price: 1 }] }],
  ["a quantity of zero", { items: [{ ...item, quantity: 0 }] }],
  ["a negative quantity", { items: [{ ...item, quantity: -1 }] }],
  ["a fraction", { items: [{ ...item, quantity: 1.5 }] }],
  ["a quantity as text", { items: [{ ...item, quantity: "1" }] }],
  ["a huge quantity", { items: [{ ...item, quantity: 1e9 }] }],
  ["an id that cannot exist", { items: [{ ...item, ticketTypeId: "tt_1" }] }],
  ["one ticket type twice", { items: [item, item] }],
  [
    "too many items",
    { items: Array.from({ length: 21 }, (_, index) => ({ ...item, ticketTypeId: newId("ticketType", index) })) },
  ],
  ["a list", [item]],
  ["null", null],
])("%s is judged by bookings, not here", (_, body) => {
  expect(plainTicketTypes(JSON.stringify(body))).toBeNull();
});

test("malformed and long texts are judged by bookings, and no text throws", () => {
  expect(plainTicketTypes('{"items":[')).toBeNull();
  expect(plainTicketTypes(`${JSON.stringify({ items: [item] })}${" ".repeat(plainBodyCharsMax)}`)).toBeNull();
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
      expect(plainTicketTypes(text)).toBeNull();
    }),
  );
});
