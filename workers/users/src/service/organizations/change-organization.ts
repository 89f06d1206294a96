import { checkIfMatch, etagOf } from "@foyer/http/etag";
import type { OrganizationId } from "@foyer/kernel/ids";
import { fail, type Result } from "@foyer/kernel/result";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../../deps.ts";
import { changedBetween } from "../../domain/audit.ts";
import { type Organization, type OrganizationChange, organizationVersion } from "../../domain/organization.ts";
import { note, type UsersCall } from "../call.ts";
import { slugTaken } from "./create-organization.ts";
import { readOrganization } from "./read-organization.ts";
import { trailOf } from "./trail.ts";

/** Changes an organization. `request.precondition_failed` for a stale `ifMatch`, `users.slug_taken` for another's slug. */
export async function changeOrganization(
  deps: Deps,
  call: UsersCall,
  input: {
    readonly organizationId: OrganizationId;
    readonly change: OrganizationChange;
    readonly ifMatch: string | undefined;
  },
): Promise<Result<Organization>> {
  const { organizationId, change, ifMatch } = input;
  const found = await readOrganization(deps, call, { organizationId, permission: "organization.write" });
  if (!found.ok) return found;
  const current = found.value;
  const condition = checkIfMatch(ifMatch, etagOf(organizationVersion(current)));
  if (!condition.ok) return condition;
  const given = Object.entries(change).filter(([, value]) => value !== undefined);
  if (given.length === 0) return found;
  const nowMs = deps.clock.nowMs();
  const states = changedBetween(trailOf(current), trailOf({ ...current, ...Object.fromEntries(given) }));
  // Others show its name, address and description: they are told where one of these is another.
  const isSeen = (["name", "slug", "description"] as const).some(
    (field) => change[field] !== undefined && change[field] !== current[field],
  );
  const message = newMessage(
    "organization.updated",
    { organizationId },
    { source: "users", requestId: call.requestId, nowMs },
  );
  const outcome = await deps.store.commit(
    [
      deps.organizations.update(organizationId, change, ifMatch === undefined ? null : current.version, nowMs),
      note(deps, call, { action: "organization.updated", targetId: organizationId, organizationId, ...states }, nowMs),
      ...(isSeen ? deps.store.tell(message, nowMs) : []),
    ],
    ["slug_taken", "organization_changed"],
  );
  if (outcome === "slug_taken") return slugTaken(change.slug);
  if (outcome === "organization_changed")
    return fail("request.precondition_failed", "The organization has changed since it was read.");
  return readOrganization(deps, call, { organizationId, permission: "organization.read" });
}
