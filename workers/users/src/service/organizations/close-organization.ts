import { checkIfMatch, etagOf } from "@foyer/http/etag";
import type { OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../../deps.ts";
import { type Organization, organizationVersion } from "../../domain/organization.ts";
import { note, type UsersCall } from "../call.ts";
import { untilStored } from "../until-stored.ts";
import { manageOrganization } from "./manage-organization.ts";

/**
 * Begins to close an organization: from now on it takes no new work, and events is asked whether anything stands in the way. Its answer
 * closes or reopens it (`settleClosing`). Where the question is under way it stays the one: each has exactly one answer.
 * `request.precondition_failed` for a stale `ifMatch`.
 */
export async function closeOrganization(
  deps: Deps,
  call: UsersCall,
  input: { readonly organizationId: OrganizationId; readonly ifMatch: string | undefined },
): Promise<Result<Organization>> {
  const { organizationId, ifMatch } = input;
  return untilStored(async () => {
    const managed = await manageOrganization(deps, call, { organizationId, permission: "organization.delete" });
    if (!managed.ok) return managed;
    const { organization, by } = managed.value;
    if (organization.closingAtMs !== null) return ok(organization);
    const condition = checkIfMatch(ifMatch, etagOf(organizationVersion(organization)));
    if (!condition.ok) return condition;

    const nowMs = deps.clock.nowMs();
    const question = newMessage(
      "organization.closing",
      { organizationId },
      { source: "users", requestId: call.requestId, nowMs },
    );
    const states = { before: { status: "active" }, after: { status: "closing" } };
    const facts = { action: "organization.closing", targetId: organizationId, organizationId, ...states } as const;
    const outcome = await deps.store.commit(
      [
        deps.members.mustStand(organizationId, [by]),
        deps.organizations.beginClosing(organization, nowMs),
        ...deps.store.tell(question, nowMs),
        note(deps, call, facts, nowMs),
      ],
      ["member_changed", "organization_changed"],
    );
    if (outcome !== "committed") return "overtaken";
    return ok({ ...organization, closingAtMs: nowMs, updatedAtMs: nowMs, version: organization.version + 1 });
  });
}
