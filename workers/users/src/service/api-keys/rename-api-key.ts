import type { Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { ApiKey } from "../../domain/api-key.ts";
import { note, type UsersCall } from "../call.ts";
import { openOrganization } from "../organizations/manage-organization.ts";
import { changeStoredKey, type KeyChange } from "./change-stored-key.ts";

/** Calls a key otherwise. What it may do stays: that is another key. Fails as {@link changeStoredKey}. */
export async function renameApiKey(
  deps: Deps,
  call: UsersCall,
  input: KeyChange & { readonly name: string | undefined },
): Promise<Result<ApiKey>> {
  const { organizationId, keyId, name } = input;
  const open = () => openOrganization(deps, call, { organizationId, permission: "apikeys.write" });
  return changeStoredKey(deps, input, open, async (key) => {
    if (name === undefined || name === key.name) return { writes: [], value: key };
    const facts = { action: "api_key.renamed", targetId: keyId, organizationId } as const;
    const states = { before: { name: key.name }, after: { name } };
    return {
      writes: [deps.apiKeys.rename(keyId, name), note(deps, call, { ...facts, ...states }, deps.clock.nowMs())],
      value: { ...key, name, version: key.version + 1 },
    };
  });
}
