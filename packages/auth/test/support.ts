import type { JSONWebKeySet } from "@foyer/contracts/users/jwks";
import type { Clock } from "@foyer/kernel/clock";
import { newId } from "@foyer/kernel/ids";
import { type CryptoKey, exportJWK, generateKeyPair } from "jose";
import { type AccessTokenSubject, signAccessToken } from "../src/access-token.ts";

export const audience = { issuer: "https://foyer.local", audience: "foyer" };

/** Someone with a token. */
export function newSubject(): AccessTokenSubject {
  return {
    userId: newId("user", 1),
    sessionId: newId("session", 1),
    emailVerified: true,
    platformAdmin: false,
    authenticatedAtMs: Date.UTC(2026, 10, 22),
    impersonatorId: null,
  };
}

/** A clock that stands still until it is moved. */
export function newClock(): Clock & { move(milliseconds: number): void } {
  let nowMs = Date.UTC(2026, 10, 23);
  return {
    nowMs: () => nowMs,
    move: (milliseconds) => {
      nowMs += milliseconds;
    },
  };
}

export interface KeyPair {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JSONWebKeySet["keys"][number];
}

export async function newKeyPair(kid: string): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair("Ed25519", { extractable: true });
  const { x = "" } = await exportJWK(publicKey);
  return { kid, privateKey, jwk: { kty: "OKP", crv: "Ed25519", x, kid, alg: "EdDSA", use: "sig" } };
}

/** A token of this key, made at this moment. */
export function sign(pair: KeyPair, nowMs: number, subject = newSubject()): Promise<string> {
  return signAccessToken(subject, { ...audience, key: pair.privateKey, kid: pair.kid, nowMs });
}

/** Whoever publishes keys, with a count of how often they were asked. */
export function newPublisher(...pairs: KeyPair[]) {
  const publisher = {
    pairs,
    fetches: 0,
    broken: false,
    fetchKeys: async (): Promise<JSONWebKeySet> => {
      publisher.fetches += 1;
      if (publisher.broken) throw new Error("users is away");
      return { keys: publisher.pairs.map((pair) => pair.jwk) };
    },
  };
  return publisher;
}
