import { keyScopes, roles } from "@foyer/contracts/shared/permissions";
import { newId } from "@foyer/kernel/ids";
import { expect, test } from "vitest";
import { formatKey, keyState, parseKey, prefixOf, scopesBeyond, withoutUse } from "../../src/domain/api-key.ts";

const secret = "s".repeat(43);

test("a key is taken apart into what it was made of, and nothing else is a key", () => {
  const id = newId("apiKey", Date.now());
  const key = formatKey(id, secret);
  expect(key.startsWith(prefixOf(id))).toBe(true);
  expect(parseKey(key)).toEqual({ id, secret });
  for (const none of ["", "fk_", secret, key.slice(1), `${key}x`, ` ${key}`, `${key}\n`, key.toUpperCase()]) {
    expect([none, parseKey(none)]).toEqual([none, null]);
  }
});

test("a scope that its maker lacks is found by its place, for every role", () => {
  expect(scopesBeyond("door", ["events.read", "orders.read", "checkins.write", "payments.refund"])).toEqual([1, 3]);
  for (const role of roles) {
    const beyond = scopesBeyond(role, keyScopes).map((index) => keyScopes[index]);
    // Whoever makes keys today may do all that a key can.
    if (role === "owner" || role === "admin") expect([role, beyond]).toEqual([role, []]);
    else expect(beyond).toContain("audit.read");
  }
});

test.each([
  [undefined, undefined],
  ["*", "*"],
  ['"3.0"', '"3"'],
  ['"3.1764000000000", W/"2.1"', '"3", W/"2"'],
  ['"3"', '"3"'],
  ['"x.1"', '"x.1"'],
])("a condition %s on a key is one on its version", (header, version) => {
  expect(withoutUse(header)).toBe(version);
});

test("two states of a key differ by version and last use", () => {
  expect(keyState({ version: 3, lastUsedAtMs: null })).toBe("3.0");
  expect(keyState({ version: 3, lastUsedAtMs: 1_764_000_000_000 })).toBe("3.1764000000000");
});
