import { verifyAccessToken } from "@foyer/auth/access-token";
import { createKeySource } from "@foyer/auth/key-source";
import { systemClock } from "@foyer/kernel/clock";
import { newId } from "@foyer/kernel/ids";
import { testSigningJwk } from "@foyer/testing/signing-key";
import { exportJWK, generateKeyPair } from "jose";
import { expect, test } from "vitest";
import { createTokenSigner } from "../../src/clients/token-signer.ts";

const audience = { issuer: "https://foyer.local", audience: "foyer" };
const subject = { userId: newId("user", 1), sessionId: "ses_1", emailVerified: true, platformAdmin: false };
const signerOf = (keys: unknown) => createTokenSigner(JSON.stringify(keys), audience, systemClock);

async function newKey(kid: string) {
  const { privateKey } = await generateKeyPair("Ed25519", { extractable: true });
  return { ...(await exportJWK(privateKey)), kid };
}

test("the first key signs, and tokens of the key before it stay valid while it is published", async () => {
  const next = await newKey("next");
  const before = await signerOf([testSigningJwk]).sign(subject);
  const rotated = signerOf([next, testSigningJwk]);
  const after = await rotated.sign(subject);
  const keys = createKeySource(async () => rotated.publicKeys(), systemClock);
  for (const token of [before, after]) {
    const verified = await verifyAccessToken(token, { ...audience, keys, nowMs: Date.now() });
    expect(verified?.actor).toMatchObject({ kind: "user", userId: subject.userId });
  }
  const withdrawn = createKeySource(async () => signerOf([next]).publicKeys(), systemClock);
  expect(await verifyAccessToken(before, { ...audience, keys: withdrawn, nowMs: Date.now() })).toBeNull();
});

test.each([
  ["absent", undefined],
  ["no JSON", "super-secret-text"],
  ["an empty list", "[]"],
  ["a public key", JSON.stringify([{ ...testSigningJwk, d: undefined }])],
  ["a key of another curve", JSON.stringify([{ ...testSigningJwk, crv: "P-256" }])],
  ["a key without an id", JSON.stringify([{ ...testSigningJwk, kid: "" }])],
  ["one id twice", JSON.stringify([testSigningJwk, testSigningJwk])],
])("a secret that is %s is a fault that does not quote it", (_, secret) => {
  const signer = createTokenSigner(secret, audience, systemClock);
  expect(() => signer.publicKeys()).toThrow(/SIGNING_KEYS/);
  let message = "";
  try {
    signer.publicKeys();
  } catch (thrown) {
    message = String(thrown);
  }
  expect(message).not.toContain("super-secret-text");
  expect(message).not.toContain(testSigningJwk.d);
});
