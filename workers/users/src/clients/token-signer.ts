import {
  type AccessTokenSubject,
  accessTokenAlgorithm,
  signAccessToken,
  type TokenAudience,
} from "@foyer/auth/access-token";
import type { JSONWebKeySet } from "@foyer/contracts/users/jwks";
import { required } from "@foyer/kernel/assert";
import { type Clock, secondMs } from "@foyer/kernel/clock";
import { toBase64Url } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import { type CryptoKey, exportJWK, generateKeyPair, importJWK } from "jose";
import { type SigningKey, signerAt } from "../domain/signing-keys.ts";

/** Port for the signing of access tokens. */
export interface TokenSigner {
  /** All keys that tokens of ours may carry, public parts only. */
  publicKeys(): Promise<JSONWebKeySet>;
  /** Signs a token of that moment. */
  sign(subject: AccessTokenSubject, issuedAtMs: number): Promise<string>;
  /** Looks at the keys anew at the next use. */
  forget(): void;
  /** Throws where nothing can be signed. */
  check(): Promise<void>;
}

/** Makes a key pair; `privateKey` is `d` of its JWK. */
export type KeyMaker = () => Promise<{ readonly kid: string; readonly publicKey: string; readonly privateKey: string }>;

const kidBytes = 12;

/** A fresh Ed25519 key pair (RFC 8037) under a random id. */
export const makeKeyPair: KeyMaker = async () => {
  const pair = await generateKeyPair("Ed25519", { extractable: true });
  const { x, d } = await exportJWK(pair.privateKey);
  return {
    kid: toBase64Url(crypto.getRandomValues(new Uint8Array(kidBytes))),
    publicKey: required(x, "an Ed25519 key has a public part"),
    privateKey: required(d, "an Ed25519 key has a private part"),
  };
};

/** Where keys come from; `open` gives the private part of one. */
export interface SigningKeyStore<K extends SigningKey> {
  list(): Promise<readonly K[]>;
  open(key: K): Promise<string>;
}

/**
 * Signs with the key that is in force, and publishes all of them. An isolate looks at the keys once a minute, which is far less than
 * the time that a key is published before it signs.
 */
export function createTokenSigner<K extends SigningKey>(
  store: SigningKeyStore<K>,
  audience: TokenAudience,
  clock: Clock,
): TokenSigner {
  let known: { readonly keys: readonly K[]; readonly untilMs: number } | null = null;
  let imported: { readonly key: CryptoKey; readonly kid: string } | null = null;

  async function keys(): Promise<readonly K[]> {
    const nowMs = clock.nowMs();
    if (known !== null && known.untilMs > nowMs) return known.keys;
    const listed = await store.list();
    known = { keys: listed, untilMs: nowMs + limits.signingKeysKnownSeconds * secondMs };
    return listed;
  }

  async function signerKey(): Promise<{ readonly key: CryptoKey; readonly kid: string }> {
    const signer = required(signerAt(await keys(), clock.nowMs()), "a signing key is in force");
    if (imported?.kid === signer.kid) return imported;
    const jwk = { kty: "OKP", crv: "Ed25519", x: signer.publicKey, d: await store.open(signer) };
    const key = await importJWK(jwk, accessTokenAlgorithm);
    if (key instanceof Uint8Array) throw new TypeError("a signing key is a key pair");
    imported = { key, kid: signer.kid };
    return imported;
  }

  return {
    publicKeys: async () => ({
      keys: (await keys()).map(({ kid, publicKey }) => ({
        kty: "OKP",
        crv: "Ed25519",
        x: publicKey,
        kid,
        alg: accessTokenAlgorithm,
        use: "sig",
      })),
    }),
    async sign(subject, issuedAtMs) {
      return signAccessToken(subject, { ...audience, ...(await signerKey()), nowMs: issuedAtMs });
    },
    forget() {
      known = null;
    },
    async check() {
      await signerKey();
    },
  };
}
