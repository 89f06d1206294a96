import { requirePlatformAdmin } from "@foyer/auth/guards";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { AuditEntry, AuditFilter } from "../../repository/audit.ts";
import type { UsersCall } from "../call.ts";

/** Lines of the whole trail that match, newest first, for administrators of the platform. */
export async function listPlatformAudit(
  deps: Pick<Deps, "audit">,
  call: UsersCall,
  filter: AuditFilter,
): Promise<Result<AuditEntry[]>> {
  const administrator = requirePlatformAdmin(call.actor);
  return administrator.ok ? ok(await deps.audit.list(filter)) : administrator;
}
