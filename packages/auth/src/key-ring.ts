import type { AuthenticatedKey } from "@foyer/contracts/users/rpc";
import type { Clock } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";

const keptMs = limits.apiKeysKnownSeconds * 1000;
const keptMax = 2_000;

/** How an API key begins; no access token does. */
export const apiKeyPrefix = "fk_";

/** Finds what an API key opens; null for what is no key, or no longer. Throws where nobody can be asked. */
export type KeyRing = (key: string) => Promise<AuthenticatedKey | null>;

/**
 * Keys that users has confirmed, or refused, within the last seconds, so that a program that calls a thousand times is asked for
 * once in a while. Oldest out first.
 */
export function createKeyRing(authenticate: (key: string) => Promise<AuthenticatedKey | null>, clock: Clock): KeyRing {
  const known = new Map<string, { readonly found: AuthenticatedKey | null; readonly untilMs: number }>();
  return async (key) => {
    const nowMs = clock.nowMs();
    const remembered = known.get(key);
    if (remembered !== undefined && remembered.untilMs > nowMs) return remembered.found;
    known.delete(key);
    const found = await authenticate(key);
    if (known.size >= keptMax) known.delete(known.keys().next().value ?? "");
    const untilMs = Math.min(nowMs + keptMs, found?.expiresAtMs ?? Number.POSITIVE_INFINITY);
    known.set(key, { found, untilMs });
    return found;
  };
}
