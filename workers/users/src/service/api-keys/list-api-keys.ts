import type { CallContext } from "@foyer/contracts/shared/actor";
import type { OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { ApiKey } from "../../domain/api-key.ts";
import { readOrganization } from "../organizations/read-organization.ts";

/** Keys behind the given one, oldest first, those that ran out among them. */
export async function listApiKeys(
  deps: Deps,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly after: string; readonly limit: number },
): Promise<Result<ApiKey[]>> {
  const { organizationId, after, limit } = input;
  const organization = await readOrganization(deps, call, { organizationId, permission: "apikeys.read" });
  if (!organization.ok) return organization;
  return ok(await deps.apiKeys.list(organizationId, after, limit));
}
