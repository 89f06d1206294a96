import type { Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { note, type UsersCall } from "../call.ts";
import { manageOrganization } from "../organizations/manage-organization.ts";
import { changeStoredKey, type KeyChange } from "./change-stored-key.ts";

/** Ends a key for good; every worker refuses it within a minute. Fails as {@link changeStoredKey}. */
export async function revokeApiKey(deps: Deps, call: UsersCall, input: KeyChange): Promise<Result<null>> {
  const { organizationId, keyId } = input;
  const open = () => manageOrganization(deps, call, { organizationId, permission: "apikeys.write" });
  return changeStoredKey(deps, input, open, async ({ name, scopes }) => {
    const nowMs = deps.clock.nowMs();
    const facts = { action: "api_key.revoked", targetId: keyId, organizationId, before: { name, scopes } } as const;
    return {
      writes: [deps.apiKeys.remove(keyId), deps.revocations.revoke(keyId, nowMs), note(deps, call, facts, nowMs)],
      value: null,
    };
  });
}
