import { secondMs, toRfc3339 } from "@foyer/kernel/clock";
import { randomSecret, sha256Hex } from "@foyer/kernel/encoding";
import type { Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { formatKey } from "../../domain/api-key.ts";
import { note, type UsersCall } from "../call.ts";
import { manageOrganization } from "../organizations/manage-organization.ts";
import { changeStoredKey, type KeyChange } from "./change-stored-key.ts";
import type { NewApiKey } from "./create-api-key.ts";

/**
 * Gives a key another secret. The one before works on for the overlap; without one, every worker refuses it within a minute. A secret that
 * an earlier rotation left an overlap ends now. Fails as {@link changeStoredKey}.
 */
export async function rotateApiKey(
  deps: Deps,
  call: UsersCall,
  input: KeyChange & { readonly overlapSeconds: number },
): Promise<Result<NewApiKey>> {
  const { organizationId, keyId, overlapSeconds } = input;
  const open = () => manageOrganization(deps, call, { organizationId, permission: "apikeys.write" });
  return changeStoredKey(deps, input, open, async (key) => {
    const nowMs = deps.clock.nowMs();
    const secret = randomSecret();
    const previousUntilMs = nowMs + overlapSeconds * secondMs;
    const after = { overlapSeconds, previousUntil: toRfc3339(previousUntilMs) };
    return {
      writes: [
        deps.apiKeys.rotate(keyId, await sha256Hex(secret), previousUntilMs, nowMs),
        ...(overlapSeconds === 0 ? [deps.revocations.revoke(keyId, nowMs)] : []),
        note(deps, call, { action: "api_key.rotated", targetId: keyId, organizationId, after }, nowMs),
      ],
      value: {
        apiKey: { ...key, rotatedAtMs: nowMs, version: key.version + 1 },
        secret: formatKey(keyId, secret),
      },
    };
  });
}
