import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../../deps.ts";
import type { Organization, OrganizationChange } from "../../domain/organization.ts";
import { slugCandidates } from "../../domain/organization-slug.ts";
import { note, type UsersCall } from "../call.ts";
import { ownershipLimit } from "../members/failures.ts";
import { readProfile } from "../profile/read-profile.ts";
import { trailOf } from "./trail.ts";

/**
 * A new organization, owned by the caller. `users.email_not_verified` (asked of the account, not of the token, so verifying
 * takes effect at once), `users.organization_limit`, `users.slug_taken` where the slug was the caller's choice.
 */
export async function createOrganization(
  deps: Deps,
  call: UsersCall,
  input: OrganizationChange & { readonly name: string },
): Promise<Result<Organization>> {
  const profile = await readProfile(deps, call);
  if (!profile.ok) return profile;
  const user = profile.value;
  if (user.emailVerifiedAtMs === null) {
    return fail("users.email_not_verified", "Verify your address before you open an organization.");
  }
  const nowMs = deps.clock.nowMs();
  const id = newId("organization", nowMs);
  const message = newMessage(
    "organization.created",
    { organizationId: id, ownerId: user.id },
    { source: "users", requestId: call.requestId, nowMs },
  );
  for (const slug of slugCandidates(input.name, input.slug, id)) {
    const organization: Organization = {
      id,
      name: input.name,
      slug,
      description: input.description ?? "",
      website: input.website ?? null,
      contactEmail: input.contactEmail ?? null,
      closingAtMs: null,
      role: "owner",
      version: 1,
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    const facts = { action: "organization.created", targetId: id, organizationId: id } as const;
    const outcome = await deps.store.commit(
      [
        ...deps.organizations.insert(organization, {
          membershipId: newId("membership", nowMs),
          userId: user.id,
          ownedMax: limits.organizationsPerUserMax,
        }),
        ...deps.store.tell(message, nowMs),
        note(deps, call, { ...facts, after: trailOf(organization) }, nowMs),
      ],
      ["slug_taken", "ownership_limit"],
    );
    if (outcome === "committed") return ok(organization);
    if (outcome === "ownership_limit") return ownershipLimit;
  }
  return slugTaken(input.slug);
}

/** The failure for a slug that another organization has. */
export function slugTaken(slug: string | undefined) {
  return fail("users.slug_taken", "Another organization has this slug.", {
    errors: [{ path: "slug", code: "taken", message: `${slug ?? "The slug"} is taken` }],
  });
}
