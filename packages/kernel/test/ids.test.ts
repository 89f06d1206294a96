import fc from "fast-check";
import { expect, test } from "vitest";
import { AssertionError, assert, required, unreachable } from "../src/assert.ts";
import {
  eventIdOf,
  type IdKind,
  idPrefixes,
  isId,
  newId,
  newSaleId,
  type RandomBytes,
  type SaleIdKind,
} from "../src/ids.ts";

const kinds = Object.keys(idPrefixes) as IdKind[];
const saleKinds: readonly SaleIdKind[] = ["reservation", "order", "ticket"];
const plainKinds = kinds.filter((kind) => !(saleKinds as readonly string[]).includes(kind));
const moment = fc.integer({ min: 0, max: 2 ** 50 - 1 });

test("prefixes are unique, so that an id tells its kind", () => {
  expect(new Set(Object.values(idPrefixes)).size).toBe(kinds.length);
});

test("every plain id has the shape of its kind and of no other", () => {
  fc.assert(
    fc.property(fc.constantFrom(...plainKinds), moment, (kind, atMs) => {
      const id = newId(kind, atMs);
      return kinds.every((other) => isId(other, id) === (other === kind));
    }),
  );
});

test("ids of one millisecond do not repeat, however often randomness is fetched anew", () => {
  const ids = Array.from({ length: 20_000 }, () => newId("message", 1));
  expect(new Set(ids).size).toBe(ids.length);
});

test("every character of an id's random part can be any of the alphabet", () => {
  const seen = Array.from({ length: 16 }, () => new Set<string>());
  for (let count = 0; count < 5_000; count += 1) {
    for (const [index, character] of [...newId("message", 1).slice(-16)].entries()) seen[index]?.add(character);
  }
  expect(seen.map(({ size }) => size)).toEqual(Array.from({ length: 16 }, () => 32));
});

test("ids sort as they were made", () => {
  fc.assert(
    fc.property(moment, moment, (one, other) => {
      fc.pre(one !== other);
      return newId("event", one) < newId("event", other) === one < other;
    }),
  );
});

test("reservations, orders and tickets lead to their event", () => {
  fc.assert(
    fc.property(fc.constantFrom(...saleKinds), moment, moment, (kind, eventMs, atMs) => {
      const eventId = newId("event", eventMs);
      const id = newSaleId(kind, eventId, atMs);
      return isId(kind, id) && eventIdOf(id) === eventId;
    }),
  );
});

test("ten thousand ids of one millisecond differ", () => {
  expect(new Set(Array.from({ length: 10_000 }, () => newId("message", 1))).size).toBe(10_000);
});

test("randomness is the caller's to give", () => {
  const zero: RandomBytes = (bytes) => bytes.fill(0);
  expect(newId("user", 0, zero)).toBe(`usr_${"0".repeat(26)}`);
  expect(newId("user", 33, zero)).toBe(`usr_0000000011${"0".repeat(16)}`);
});

test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])("%d is no time for an id", (atMs) => {
  expect(() => newId("user", atMs)).toThrow(AssertionError);
});

test.each([
  "",
  "usr_",
  "usr_0000000000000000000000000",
  "usr_000000000000000000000000000",
  "usr_0000000000000000000000000i",
  "USR_00000000000000000000000000",
  "usr_00000000000000000000000000\n",
  " usr_00000000000000000000000000",
])("%j is no user's id", (text) => {
  expect(isId("user", text)).toBe(false);
});

test("assertions say what must hold", () => {
  expect(() => assert(false, "the sky is up")).toThrow("the sky is up");
  expect(() => required(null, "a value")).toThrow(AssertionError);
  expect(() => required(undefined, "a value")).toThrow(AssertionError);
  expect(required(0, "a value")).toBe(0);
  expect(() => unreachable("new variant" as never)).toThrow("new variant");
});
