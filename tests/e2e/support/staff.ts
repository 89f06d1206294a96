import { required } from "@foyer/kernel/assert";
import type { Organizer } from "../../../scripts/sale/organizer.ts";
import type { Belongings } from "./foreign-routes.ts";
import { newAddress } from "./world.ts";

/** What of an organization's staff has an id: its owner's membership, somebody who is invited, a program. */
export async function gatherStaff({
  foyer,
  organizationId,
}: Organizer): Promise<Pick<Belongings, "membership" | "invitation" | "apiKey">> {
  const params = { path: { id: organizationId } };
  const members = await foyer.get("/v1/organizations/{id}/members", { params });
  const { data: invitation } = await foyer.post("/v1/organizations/{id}/invitations", {
    params,
    body: { email: newAddress("guest"), role: "door" },
  });
  const { data: made } = await foyer.post("/v1/organizations/{id}/api-keys", {
    params,
    body: { name: "Till", scopes: ["orders.read"] },
  });
  return {
    membership: required(members.data.data[0], "an organization has an owner").id,
    invitation: invitation.id,
    apiKey: made.apiKey.id,
  };
}
