import type { Role } from "@foyer/contracts/shared/permissions";
import type { Id, OrganizationId, UserId } from "@foyer/kernel/ids";

/** Someone is asked, at an address, to join an organization. */
export interface Invitation {
  readonly id: Id<"invitation">;
  readonly organizationId: OrganizationId;
  readonly email: string;
  readonly role: Role;
  readonly invitedBy: UserId | null;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

/** Whether an invitation waits to be accepted, or has run out. */
export function statusOf({ expiresAtMs }: Pick<Invitation, "expiresAtMs">, nowMs: number): "pending" | "expired" {
  return expiresAtMs > nowMs ? "pending" : "expired";
}
