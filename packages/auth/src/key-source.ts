import type { JSONWebKeySet } from "@foyer/contracts/users/jwks";
import type { Clock } from "@foyer/kernel/clock";
import { type CryptoKey, importJWK } from "jose";
import { accessTokenAlgorithm, type KeySource } from "./access-token.ts";

const freshMs = 5 * 60_000;
/** An unknown `kid` makes us ask again, but not more often than this: ids in tokens are the caller's to choose. */
const unknownKeyPauseMs = 10_000;

/** Keys by id from the set that users publishes, kept for five minutes; a rotated key is found at its first use. */
export function createKeySource(fetchKeys: () => Promise<JSONWebKeySet>, clock: Clock): KeySource {
  let keys = new Map<string, CryptoKey>();
  let fetchedAtMs = Number.NEGATIVE_INFINITY;

  async function refresh(): Promise<void> {
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
    const ageMs = clock.nowMs() - fetchedAtMs;
    if (ageMs > freshMs || (!keys.has(kid) && ageMs > unknownKeyPauseMs)) await refresh();
    return keys.get(kid) ?? null;
  };
}
