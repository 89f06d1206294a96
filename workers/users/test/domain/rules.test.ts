import { newPasswordSchema, slugSchema } from "@foyer/contracts/users/api";
import { newId } from "@foyer/kernel/ids";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createPasswordHasher } from "../../src/clients/password-hasher.ts";
import { waitSeconds } from "../../src/domain/attempts.ts";
import { networkOf } from "../../src/domain/network.ts";
import { slugCandidates } from "../../src/domain/organization-slug.ts";
import { isOutdated, nobodysHash } from "../../src/domain/passwords.ts";
import { decideRefresh } from "../../src/domain/refresh.ts";
import { newUser } from "../../src/domain/user.ts";

test("waiting is asked exactly when a counter is above its limit, for the longest that any asks, at least a second", () => {
  const counter = fc.record({
    count: fc.integer({ min: 0, max: 30 }),
    max: fc.integer({ min: 1, max: 20 }),
    windowEndsAtMs: fc.integer({ min: 0, max: 1_000_000 }),
  });
  fc.assert(
    fc.property(fc.array(counter, { maxLength: 4 }), fc.integer({ min: 0, max: 1_000_000 }), (counters, nowMs) => {
      const wait = waitSeconds(counters, nowMs);
      const above = counters.filter(({ count, max }) => count > max);
      if (above.length === 0) return wait === null;
      const latestMs = Math.max(...above.map(({ windowEndsAtMs }) => windowEndsAtMs));
      return wait !== null && wait >= 1 && nowMs + wait * 1000 >= latestMs;
    }),
  );
});

test("every name has slug candidates, and each is a slug", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (name) => {
      const candidates = slugCandidates(name, undefined, newId("organization", Date.now()));
      return candidates.length > 0 && candidates.every((slug) => slugSchema.safeParse(slug).success);
    }),
  );
  expect(slugCandidates("Any", "chosen", "org_1")).toEqual(["chosen"]);
});

test("a refresh token is decided by what took its place", () => {
  const user = newUser(newId("user", 1), { email: "a@example.com", name: "A" }, 1);
  const attempt = (replacedBy: string | null) => ({ sessionId: "ses_1", user, replacedBy });
  expect(decideRefresh(null, "mine")).toBe("invalid");
  expect(decideRefresh(attempt(null), "mine")).toBe("invalid");
  expect(decideRefresh(attempt("mine"), "mine")).toBe("rotated");
  expect(decideRefresh(attempt("another's"), "mine")).toBe("reused");
});

test("a password verifies against its own hash and no other's, whatever its script", () => {
  const hasher = createPasswordHasher();
  const chosen = fc.string({ unit: "grapheme", minLength: 8, maxLength: 40 });
  fc.assert(
    fc.property(chosen, chosen, (one, other) => {
      const [left, right] = [newPasswordSchema.safeParse(one), newPasswordSchema.safeParse(other)];
      fc.pre(left.success && right.success && left.data !== right.data);
      if (!left.success || !right.success) return false;
      const phc = hasher.hash(left.data);
      return hasher.verify(phc, left.data) && !hasher.verify(phc, right.data);
    }),
    { numRuns: 15 },
  );
});

test("two hashes of one password differ, and both are of today's cost", () => {
  const hasher = createPasswordHasher();
  const [one, two] = [hasher.hash("the same password"), hasher.hash("the same password")];
  expect(one).not.toBe(two);
  expect([one, two, nobodysHash].map(isOutdated)).toEqual([false, false, false]);
  expect(isOutdated("$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaA")).toBe(true);
});

test("a hash that is damaged or of another kind matches nothing", () => {
  const hasher = createPasswordHasher();
  for (const phc of ["", "x", nobodysHash, "$argon2id$v=19$m=19456,t=2,p=1$", "$2b$10$abcdefghijklmnopqrstuv"]) {
    expect(hasher.verify(phc, "any password")).toBe(false);
  }
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["2001:DB8:0:0:1:2:3:4", "2001:db8:0:0::/64"],
  ["2001:0db8:0000:0000:ffff::", "2001:db8:0:0::/64"],
  ["2001:db8:0:1::1", "2001:db8:0:1::/64"],
  ["::1", "0:0:0:0::/64"],
  ["1:2:3:4:5:6:7:8", "1:2:3:4::/64"],
])("%s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
