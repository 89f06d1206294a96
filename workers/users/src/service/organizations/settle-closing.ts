import type { CallContext } from "@foyer/contracts/shared/actor";
import type { OrganizationId } from "@foyer/kernel/ids";
import type { Deps } from "../../deps.ts";
import type { Write } from "../../repository/database.ts";
import { note } from "../call.ts";

/**
 * The writes that follow from the answer whether an organization may close. With events in the way it goes on as before. Without, nobody
 * belongs to it any more: members, invitations and keys are gone, its slug is free, and its row stays for orders and money to name. An
 * answer that nobody waits for any more changes nothing.
 */
export async function settleClosing(
  deps: Deps,
  call: CallContext,
  input: { readonly organizationId: OrganizationId; readonly openEvents: number },
): Promise<Write[]> {
  const { organizationId, openEvents } = input;
  const organization = await deps.organizations.findClosing(organizationId);
  if (organization === null) return [];
  const nowMs = deps.clock.nowMs();
  const about = { targetId: organizationId, organizationId };
  const status = "closing";
  if (openEvents > 0) {
    const states = { before: { status }, after: { status: "active", openEvents } };
    return [
      deps.organizations.reopen(organization, nowMs),
      note(deps, call, { action: "organization.kept", ...about, ...states }, nowMs),
    ];
  }
  const states = { before: { status, slug: organization.slug }, after: { status: "closed", slug: organizationId } };
  return [
    deps.organizations.close(organization, nowMs),
    // The list first: it is made from the keys that are there still.
    deps.revocations.revokeKeys(organizationId, nowMs),
    deps.apiKeys.removeAll(organizationId),
    deps.invitations.removeAll(organizationId),
    deps.members.removeAll(organizationId),
    note(deps, call, { action: "organization.closed", ...about, ...states }, nowMs),
  ];
}
