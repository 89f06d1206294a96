import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Id, OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { ApiKey } from "../../domain/api-key.ts";
import { readOrganization } from "../organizations/read-organization.ts";
import { keyNotFound } from "./failures.ts";

/** One key of an organization; `users.api_key_not_found`. */
export async function readApiKey(
  deps: Deps,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly keyId: Id<"apiKey"> },
): Promise<Result<ApiKey>> {
  const { organizationId, keyId } = input;
  const organization = await readOrganization(deps, call, { organizationId, permission: "apikeys.read" });
  if (!organization.ok) return organization;
  const key = await deps.apiKeys.findIn(organizationId, keyId);
  return key === null ? keyNotFound : ok(key);
}
