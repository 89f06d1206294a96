import { toBase64Url } from "@foyer/kernel/encoding";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createFactorSecrets } from "../../src/clients/factor-secrets.ts";
import { answeredChallenge, counterGoesOn, knownTransports, userHandleOf } from "../../src/domain/passkeys.ts";
import { canonicalRecoveryCode, formatRecoveryCode } from "../../src/domain/recovery-codes.ts";
import { relyingPartyOf } from "../../src/domain/relying-party.ts";
import { demandedProofs } from "../../src/domain/step-up.ts";
import { isSetupOver, stepOfCode, totpUri } from "../../src/domain/totp.ts";
import { isLastWayIn } from "../../src/domain/ways-in.ts";
import { codeAt } from "../support/factors.ts";

const secrets = createFactorSecrets("a key that only tests use, of more than 32 characters");
/** The secret of RFC 6238's test vectors, "12345678901234567890", in base32. */
const rfcSecret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

test.each([
  [59, "287082"],
  [1_111_111_109, "081804"],
  [1_111_111_111, "050471"],
  [1_234_567_890, "005924"],
  [2_000_000_000, "279037"],
  [20_000_000_000, "353130"],
])("at second %i of RFC 6238's vectors the code is %s, of its own step", (second, code) => {
  expect(stepOfCode(rfcSecret, code, second * 1000)).toBe(Math.floor(second / 30));
});

test("the code of the current step and one to each side is taken for what it is, and that of no other step", async () => {
  const times = fc.integer({ min: 1_600_000_000_000, max: 4_000_000_000_000 });
  await fc.assert(
    fc.asyncProperty(times, fc.integer({ min: -20, max: 20 }), async (nowMs, offset) => {
      const secret = secrets.newTotpSecret();
      const step = Math.floor(nowMs / 30_000);
      const code = await codeAt(secret, (step + offset) * 30_000);
      const near = await Promise.all([-1, 0, 1].map((side) => codeAt(secret, (step + side) * 30_000)));
      // Once in a million, two steps have the same code: it counts for the nearest.
      const nearest = [0, -1, 1].find((side) => near[side + 1] === code);
      expect(stepOfCode(secret, code, nowMs)).toBe(nearest === undefined ? null : step + nearest);
      if (Math.abs(offset) <= 1) expect(nearest).toBeTypeOf("number");
    }),
    { numRuns: 200 },
  );
});

test.each(["", "12345", "1234567", "12345６", "abcdef", "-12345", "1e5000"])("%j is the code of nothing", (code) => {
  expect(stepOfCode(rfcSecret, code, 59_000)).toBeNull();
});

test("the address for a QR code names the deployment and the account, and what every app understands", () => {
  const uri = new URL(totpUri(rfcSecret, "tickets.example.com", "buyer+1@example.com"));
  expect(decodeURIComponent(uri.href)).toMatch(/^otpauth:\/\/totp\/tickets\.example\.com:buyer\+1@example\.com\?/);
  expect(Object.fromEntries(uri.searchParams)).toEqual({
    issuer: "tickets.example.com",
    secret: rfcSecret,
    algorithm: "SHA1",
    digits: "6",
    period: "30",
  });
});

test("a setup is over after its time, and not before", () => {
  const ttlMs = limits.totpSetupTtlSeconds * 1000;
  expect([ttlMs - 1, ttlMs, ttlMs + 1].map((ageMs) => isSetupOver(5_000, 5_000 + ageMs))).toEqual([false, true, true]);
});

test("secrets of apps are 160 bits, and no two are alike", () => {
  const made = Array.from({ length: 50 }, () => secrets.newTotpSecret());
  expect(new Set(made).size).toBe(50);
  for (const secret of made) expect(secret).toMatch(/^[A-Z2-7]{32}$/);
});

test("recovery codes are ten, of 80 bits each in groups of four, and no two are alike", () => {
  const codes = [secrets.newRecoveryCodes(), secrets.newRecoveryCodes()].flat();
  expect(codes).toHaveLength(20);
  expect(new Set(codes).size).toBe(20);
  for (const code of codes) expect(code).toMatch(/^[0-9a-hjkmnp-tv-z]{4}(?:-[0-9a-hjkmnp-tv-z]{4}){3}$/);
});

test("every one of a recovery code's sixteen bytes counts", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 16, maxLength: 16 }),
      fc.nat(15),
      fc.integer({ min: 1, max: 31 }),
      (bytes, at, change) => {
        const other = bytes.map((byte, index) => (index === at ? byte ^ change : byte));
        return formatRecoveryCode(bytes) !== formatRecoveryCode(other);
      },
    ),
  );
});

test("a recovery code is read in any grouping, and misread letters for what they were", () => {
  expect(canonicalRecoveryCode("0123-4567-89ab-cdef")).toBe("0123456789abcdef");
  expect(canonicalRecoveryCode("oi2l456789abcdef")).toBe("0121456789abcdef");
});

test("one code is stored differently for each user", async () => {
  const [one, other] = await Promise.all([
    secrets.hashOfRecoveryCode(newId("user", 1), "0123456789abcdef"),
    secrets.hashOfRecoveryCode(newId("user", 1), "0123456789abcdef"),
  ]);
  expect(one).not.toBe(other);
  await expect(async () => createFactorSecrets("short").hashOfRecoveryCode("usr_1", "x")).rejects.toThrow(/32/);
});

test("the last way in is what nothing else stands beside", () => {
  const cases: readonly [boolean, number, number, boolean][] = [
    [true, 1, 0, false],
    [true, 0, 1, false],
    [false, 1, 0, true],
    [false, 0, 1, true],
    [false, 1, 1, false],
    [false, 2, 0, false],
    [false, 0, 2, false],
  ];
  for (const [hasPassword, passkeys, identities, isLast] of cases) {
    const ways = { hasPassword, passkeys, identities };
    expect([ways, isLastWayIn(ways)]).toEqual([ways, isLast]);
  }
});

test("a step-up demands the strongest that there is, and a password never in the place of an app", () => {
  const demanded = (hasTotp: boolean, hasPassword: boolean, passkeys: number) =>
    demandedProofs({ hasTotp, hasPassword, passkeys });
  expect(demanded(true, true, 0)).toEqual(["code", "recoveryCode"]);
  expect(demanded(true, true, 1)).toEqual(["code", "recoveryCode", "passkey"]);
  expect(demanded(true, false, 0)).toEqual(["code", "recoveryCode"]);
  expect(demanded(false, true, 0)).toEqual(["password"]);
  expect(demanded(false, true, 1)).toEqual(["password", "passkey"]);
  expect(demanded(false, false, 1)).toEqual(["passkey"]);
  expect(demanded(false, false, 0)).toEqual([]);
});

test("a counter goes on upwards, or never was one", () => {
  expect(counterGoesOn(0, 0)).toBe(true);
  fc.assert(
    fc.property(fc.nat(), fc.nat(), (known, shown) => {
      fc.pre(known > 0 || shown > 0);
      return counterGoesOn(known, shown) === shown > known;
    }),
  );
});

test("the relying party is the public address, unless settings say otherwise", () => {
  const publicUrl = "https://tickets.example.com:8443";
  const none = { publicUrl, id: "", origins: "" };
  expect(relyingPartyOf(none)).toEqual({
    id: "tickets.example.com",
    name: "tickets.example.com",
    origins: [publicUrl],
  });
  const wider = {
    publicUrl,
    id: "example.com",
    origins: "https://a.example.com, https://example.com,android:apk-key-hash:x",
  };
  expect(relyingPartyOf(wider)).toMatchObject({
    id: "example.com",
    origins: ["https://a.example.com", "https://example.com", "android:apk-key-hash:x"],
  });
});

test.each(["https://example.org", "https://badexample.com", "https://example.com.evil.example", "http://127.0.0.1"])(
  "%s is no origin of example.com's",
  (origins) => {
    expect(() => relyingPartyOf({ publicUrl: "https://example.com", id: "", origins })).toThrow(/PASSKEY_ORIGINS/);
  },
);

const clientData = (value: unknown): string =>
  toBase64Url(new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value)));

test("only what says which challenge it answers, on a page of its own, answers one", () => {
  expect(answeredChallenge(clientData({ challenge: "abc", crossOrigin: false }))).toBe("abc");
  expect(answeredChallenge(clientData({ challenge: "abc" }))).toBe("abc");
  for (const wrong of [
    { challenge: "abc", crossOrigin: true },
    { challenge: "" },
    { challenge: 1 },
    {},
    null,
    [],
    "{",
    "",
  ]) {
    expect(answeredChallenge(clientData(wrong))).toBeNull();
  }
  for (const text of ["*", "A", "="]) expect(answeredChallenge(text)).toBeNull();
  // Whatever else it is, it is no fault of ours.
  fc.assert(fc.property(fc.string(), (text) => answeredChallenge(text) === null));
});

test("a user handle says nothing of its user but the id, and unknown transports are not kept", () => {
  const id = newId("user", 1);
  expect(atob(userHandleOf(id).replaceAll("-", "+").replaceAll("_", "/"))).toBe(id);
  expect(knownTransports(["usb", "telepathy", "internal", "usb"])).toEqual(["internal", "usb"]);
});
