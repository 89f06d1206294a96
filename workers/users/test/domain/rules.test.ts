import { newPasswordSchema, slugSchema } from "@foyer/contracts/users/api/fields";
import { newId } from "@foyer/kernel/ids";
import { networkOf } from "@foyer/kernel/networks";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createPasswordHasher } from "../../src/clients/password-hasher.ts";
import {
  type AttemptPolicy,
  type AttemptState,
  decideAttempt,
  noAttempts,
  takeBack,
} from "../../src/domain/attempts.ts";
import { deviceOf } from "../../src/domain/client.ts";
import { slugCandidates } from "../../src/domain/organization-slug.ts";
import { isOutdated, nobodysHash } from "../../src/domain/passwords.ts";
import { decideRefresh } from "../../src/domain/refresh.ts";
import { newUser } from "../../src/domain/user.ts";

const policies = fc.record({
  free: fc.integer({ min: 0, max: 20 }),
  firstWaitSeconds: fc.integer({ min: 1, max: 60 }),
  longestWaitSeconds: fc.integer({ min: 60, max: 3_600 }),
  forgottenAfterSeconds: fc.constant(86_400),
});

test("however a guesser spaces their guesses, an hour holds the free ones, the doublings, and one for each longest wait", () => {
  const pauses = fc.array(fc.integer({ min: 0, max: 120_000 }), { minLength: 50, maxLength: 400 });
  fc.assert(
    fc.property(policies, pauses, (policy: AttemptPolicy, gaps) => {
      let state: AttemptState = noAttempts;
      let nowMs = 1;
      let taken = 0;
      for (const gap of gaps) {
        nowMs += gap;
        const decided = decideAttempt(policy, state, nowMs);
        if (!decided.taken) {
          expect(decided.waitSeconds).toBeGreaterThan(0);
          expect(decided.waitSeconds).toBeLessThanOrEqual(policy.longestWaitSeconds);
          continue;
        }
        taken += 1;
        state = decided.state;
      }
      const doublings = Math.ceil(Math.log2(policy.longestWaitSeconds / policy.firstWaitSeconds)) + 1;
      return taken <= policy.free + 1 + doublings + nowMs / 1000 / policy.longestWaitSeconds;
    }),
  );
});

test("an attempt that is taken back leaves no trace, and so does a day without any", () => {
  const policy = { free: 3, firstWaitSeconds: 1, longestWaitSeconds: 60, forgottenAfterSeconds: 100 };
  let state: AttemptState = noAttempts;
  for (let round = 0; round < 50; round += 1) {
    const decided = decideAttempt(policy, state, 1_000);
    expect(decided.taken).toBe(true);
    if (decided.taken) state = takeBack(decided.state);
  }
  const worst = { count: 40, lockedUntilMs: 61_000, lastAtMs: 1_000 };
  expect(decideAttempt(policy, worst, 2_000)).toEqual({ taken: false, waitSeconds: 59 });
  expect(decideAttempt(policy, worst, 101_000)).toMatchObject({
    taken: true,
    state: { count: 1, lockedUntilMs: 101_000 },
  });
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

test("a refresh token is decided by what took its place, and the same client is forgiven for ten seconds", () => {
  const user = newUser(newId("user", 1), { email: "a@example.com", name: "A", hasPassword: true }, 1);
  const session = {
    id: newId("session", 1),
    clientHash: "here",
    authenticatedAtMs: 1,
    mode: "bearer",
    impersonatorId: null,
  } as const;
  const fresh = {
    session,
    user,
    replacedBy: null,
    replacedAtMs: null,
    nonce: null,
    successorUsed: false,
    isOver: false,
  };
  const replaced = { ...fresh, replacedBy: "another's", replacedAtMs: 1_000, nonce: "n" };
  const decide = (attempt: Parameters<typeof decideRefresh>[0], client = "here", nowMs = 2_000) =>
    decideRefresh(attempt, "mine", client, nowMs);
  expect(decide(null)).toBe("invalid");
  expect(decide(fresh)).toBe("invalid");
  expect(decide({ ...fresh, replacedBy: "mine" })).toBe("rotated");
  expect(decide(replaced)).toBe("repeated");
  expect(decide(replaced, "here", 11_000)).toBe("repeated");
  expect(decide(replaced, "here", 11_001)).toBe("reused");
  expect(decide(replaced, "elsewhere")).toBe("reused");
  expect(decide({ ...replaced, successorUsed: true })).toBe("reused");
  expect(decide({ ...replaced, isOver: true })).toBe("reused");
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

test.each([
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Linux"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Safari on iOS",
  ],
  ["curl/8.10.1", "curl"],
  ["", "Unknown device"],
  ["\u0000\u001b[31m", "Unknown device"],
])("the browser %j is called %s", (userAgent, device) => {
  expect(deviceOf(userAgent)).toBe(device);
});
