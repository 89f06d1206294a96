import type { AuthenticatedKey } from "@foyer/contracts/users/rpc";
import { secondMs } from "@foyer/kernel/clock";
import { equalInConstantTime, sha256Hex } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import type { Deps } from "../../deps.ts";
import { parseKey } from "../../domain/api-key.ts";

/**
 * What an API key opens; null for what is no key, was revoked or has run out, all alike. A secret that was rotated out works until its
 * overlap ends. The use is noted, to the minute.
 */
export async function authenticateKey(
  deps: Pick<Deps, "apiKeys" | "clock">,
  input: { readonly key: string },
): Promise<AuthenticatedKey | null> {
  const parsed = parseKey(input.key);
  if (parsed === null) return null;
  const nowMs = deps.clock.nowMs();
  const [key, hash] = await Promise.all([deps.apiKeys.find(parsed.id), sha256Hex(parsed.secret)]);
  if (key === null || (key.expiresAtMs !== null && key.expiresAtMs <= nowMs)) return null;
  const isCurrent = equalInConstantTime(hash, key.hash);
  const previousUntilMs = key.previousExpiresAtMs ?? 0;
  const isPrevious = previousUntilMs > nowMs && equalInConstantTime(hash, key.previousHash ?? "");
  if (!isCurrent && !isPrevious) return null;
  await deps.apiKeys.noteUse(key.id, nowMs, nowMs - limits.apiKeyUseNotedSeconds * secondMs);
  return {
    keyId: key.id,
    organizationId: key.organizationId,
    scopes: key.scopes,
    expiresAtMs: isCurrent ? key.expiresAtMs : Math.min(previousUntilMs, key.expiresAtMs ?? previousUntilMs),
    checkedAtMs: nowMs,
  };
}
