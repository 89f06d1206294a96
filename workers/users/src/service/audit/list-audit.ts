import type { CallContext } from "@foyer/contracts/shared/actor";
import type { OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { AuditEntry, AuditFilter } from "../../repository/audit.ts";
import { authorize } from "../organizations/authorize.ts";

/** Lines of an organization's own trail that match, newest first. For members and keys alike that may read it. */
export async function listAudit(
  deps: Pick<Deps, "organizations" | "audit">,
  call: CallContext,
  input: AuditFilter & { readonly organizationId: OrganizationId },
): Promise<Result<AuditEntry[]>> {
  const { organizationId } = input;
  const allowed = await authorize(deps, call, { organizationId, permission: "audit.read" });
  return allowed.ok ? ok(await deps.audit.list(input)) : allowed;
}
