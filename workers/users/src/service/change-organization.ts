import type { CallContext } from "@foyer/contracts/shared/actor";
import { checkIfMatch, etagOf } from "@foyer/http/etag";
import { newId, type OrganizationId } from "@foyer/kernel/ids";
import { fail, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { type Organization, organizationVersion } from "../domain/organization.ts";
import { slugTaken } from "./create-organization.ts";
import { readOrganization } from "./read-organization.ts";

/** Renames an organization. `request.precondition_failed` for a stale `ifMatch`, `users.slug_taken` for another's slug. */
export async function changeOrganization(
  deps: Deps,
  call: CallContext,
  input: {
    readonly organizationId: OrganizationId;
    readonly change: { readonly name?: string | undefined; readonly slug?: string | undefined };
    readonly ifMatch: string | undefined;
  },
): Promise<Result<Organization>> {
  const { organizationId, change, ifMatch } = input;
  const current = await readOrganization(deps, call, { organizationId, permission: "organization.write" });
  if (!current.ok) return current;
  const condition = checkIfMatch(ifMatch, etagOf(organizationVersion(current.value)));
  if (!condition.ok) return condition;
  if (change.name === undefined && change.slug === undefined) return current;
  const nowMs = deps.clock.nowMs();
  const outcome = await deps.organizations.update(
    organizationId,
    change,
    ifMatch === undefined ? null : current.value.version,
    nowMs,
    deps.audit.ifChanged({
      id: newId("audit", nowMs),
      actor: { kind: "user", id: call.actor.kind === "user" ? call.actor.userId : null },
      action: "organization.updated",
      targetId: organizationId,
      organizationId,
      requestId: call.requestId,
      atMs: nowMs,
    }),
  );
  if (outcome === "slug_taken") return slugTaken(change.slug);
  if (outcome === "stale")
    return fail("request.precondition_failed", "The organization has changed since it was read.");
  return readOrganization(deps, call, { organizationId, permission: "organization.read" });
}
