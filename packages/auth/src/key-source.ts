import type { JSONWebKeySet } from "@foyer/contracts/users/jwks";
import type { Clock } from "@foyer/kernel/clock";
import { type CryptoKey, importJWK } from "jose";
import { accessTokenAlgorithm, type KeySource } from "./access-token.ts";

const freshMs = 5 * 60_000;
/** An unknown `kid` makes us ask again, but not more often than this: ids in tokens are the caller's to choose. */
const unknownKeyPauseMs = 10_000;
/** How long known keys are believed while nobody can be asked: an outage of users must not sign everybody out. */
const staleMs = 60 * 60_000;
/** While fresh keys cannot be had, one request in this time asks; the others go on with what is known. */
const retryPauseMs = 5_000;

/**
 * Keys by id from the set that users publishes, kept for five minutes; a rotated key is found at its first use, and known keys
 * outlast an hour without an answer. Throws when a key is not known and nobody can be asked.
 */
export function createKeySource(fetchKeys: () => Promise<JSONWebKeySet>, clock: Clock): KeySource {
  let keys = new Map<string, CryptoKey>();
  let fetchedAtMs = Number.NEGATIVE_INFINITY;
  let askedAtMs = Number.NEGATIVE_INFINITY;

  async function refresh(): Promise<void> {
    askedAtMs = clock.nowMs();
    const set = await fetchKeys();
    const next = new Map<string, CryptoKey>();
    for (const jwk of set.keys) {
      const key = await importJWK({ ...jwk }, accessTokenAlgorithm);
      if (!(key instanceof Uint8Array)) next.set(jwk.kid, key);
    }
    keys = next;
    fetchedAtMs = clock.nowMs();
  }

  return async (kid) => {
    const nowMs = clock.nowMs();
    const ageMs = nowMs - fetchedAtMs;
    const known = keys.get(kid) ?? null;
    if (ageMs <= (known === null ? unknownKeyPauseMs : freshMs)) return known;
    const usable = known !== null && ageMs <= staleMs;
    if (usable && nowMs - askedAtMs < retryPauseMs) return known;
    try {
      await refresh();
    } catch (thrown) {
      if (usable) return known;
      throw thrown;
    }
    return keys.get(kid) ?? null;
  };
}
