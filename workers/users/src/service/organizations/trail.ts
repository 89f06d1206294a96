import { maskAddress } from "@foyer/kernel/mail-addresses";
import type { AuditState } from "../../domain/audit.ts";
import type { OrganizationProfile } from "../../domain/organization.ts";

/** An organization as the audit trail keeps it. */
export function trailOf({ name, slug, description, website, contactEmail }: OrganizationProfile): AuditState {
  return { name, slug, description, website, contactEmail: contactEmail === null ? null : maskAddress(contactEmail) };
}
