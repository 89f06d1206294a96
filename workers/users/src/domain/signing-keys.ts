import { dayMs, secondMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";

/** A key that signs access tokens, its public part. */
export interface SigningKey {
  readonly kid: string;
  /** `x` of its JWK (RFC 8037). */
  readonly publicKey: string;
  readonly createdAtMs: number;
  /** From when on it signs. */
  readonly activatesAtMs: number;
}

/** A key is published so long before it signs that every cache knows it. */
export const keyLeadMs = limits.signingKeyLeadSeconds * secondMs;
/** How long a key stays published after the next one took over: as long as its last token lives, and as caches may be behind. */
const keyTailMs = (limits.accessTokenTtlSeconds + limits.clockSkewSeconds) * secondMs + keyLeadMs;
/** A key is replaced when it is so old, without anybody's asking. */
const keyAgeMsMax = limits.signingKeyDaysMax * dayMs;

const byActivation = (left: SigningKey, right: SigningKey): number =>
  right.activatesAtMs - left.activatesAtMs || (left.kid < right.kid ? 1 : -1);

/** The key that signs now: the one that took over last. Null where none has. */
export function signerAt<K extends SigningKey>(keys: readonly K[], nowMs: number): K | null {
  return keys.filter(({ activatesAtMs }) => activatesAtMs <= nowMs).toSorted(byActivation)[0] ?? null;
}

/** Keys that no living token can have been signed with any more. */
export function retiredAt<K extends SigningKey>(keys: readonly K[], nowMs: number): K[] {
  const ordered = keys.toSorted(byActivation);
  return ordered.filter((_, index) => {
    const successor = ordered[index - 1];
    return successor !== undefined && successor.activatesAtMs + keyTailMs <= nowMs;
  });
}

/** Whether a new key is due: there is none, or the newest is too old. */
export function needsRotation(keys: readonly SigningKey[], nowMs: number): boolean {
  const newest = keys.toSorted(byActivation)[0];
  return newest === undefined || nowMs - newest.activatesAtMs > keyAgeMsMax;
}
