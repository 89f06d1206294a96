import { newId, newSaleId } from "@foyer/kernel/ids";
import { expect, test } from "vitest";
import { createEventKeys } from "../../src/clients/event-keys.ts";

const secret = "a secret of the tests and of no deployment";
const keys = createEventKeys(secret);
const eventId = newId("event", Date.now());

test("a secret proves the one thing that it was made for", () => {
  const [first, second] = [newSaleId("order", eventId, 1), newSaleId("order", eventId, 1)];
  expect(keys.proves(first, keys.secretOf(first))).toBe(true);
  expect(keys.proves(second, keys.secretOf(first))).toBe(false);
  expect(keys.proves(first, undefined)).toBe(false);
  expect(keys.proves(first, "")).toBe(false);
});

test("secrets and codes are the same after a restart, and others under another deployment's secret", async () => {
  const id = newSaleId("reservation", eventId, 1);
  const code = { ticketId: newSaleId("ticket", eventId, 1), codeVersion: 1 };
  const again = createEventKeys(secret);
  const other = createEventKeys(`${secret}, another`);
  expect(again.secretOf(id)).toBe(keys.secretOf(id));
  expect(other.secretOf(id)).not.toBe(keys.secretOf(id));
  expect(await again.sign(code)).toBe(await keys.sign(code));
  expect(await keys.verify(await keys.sign(code))).toEqual(code);
  expect(await other.verify(await keys.sign(code))).toBeNull();
});

test("a deployment without a proper secret does not start", () => {
  expect(() => createEventKeys(undefined)).toThrow(/BOOKINGS_SECRET/);
  expect(() => createEventKeys("short")).toThrow(/BOOKINGS_SECRET/);
});
