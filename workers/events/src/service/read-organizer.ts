import type { CallContext } from "@foyer/contracts/shared/actor";
import type { PublicOrganization } from "@foyer/contracts/users/rpc";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Event } from "../domain/event.ts";
import { asSystem } from "./access.ts";

/** An organizer's public page. */
export interface OrganizerPage {
  readonly organization: PublicOrganization;
  readonly followers: number;
  /** Whether the reader follows; null for a reader without an account. */
  readonly following: boolean | null;
  /** Their next public events, by start. */
  readonly upcoming: readonly Event[];
}

/** What an organizer shows to everyone, with their next public events. `events.organization_not_found` where there is none. */
export async function readOrganizer(
  deps: Pick<Deps, "users" | "lists" | "organizers" | "clock">,
  call: CallContext,
  input: { readonly idOrSlug: string },
): Promise<Result<OrganizerPage>> {
  const found = await findOrganizer(deps, call, input.idOrSlug);
  if (!found.ok) return found;
  const organization = found.value;
  const userId = call.actor.kind === "user" ? call.actor.userId : null;
  const [follow, upcoming] = await Promise.all([
    deps.organizers.following(organization.id, userId),
    deps.lists.public(
      { organizationId: organization.id },
      { limit: limits.organizerEventsShown, after: null, nowMs: deps.clock.nowMs() },
    ),
  ]);
  const following = userId === null ? null : follow.following;
  return ok({ organization, followers: follow.followers, following, upcoming });
}

/** An organization by id or slug, as everyone may know it; `events.organization_not_found`, or `platform.unavailable`. */
export async function findOrganizer(
  deps: Pick<Deps, "users">,
  call: CallContext,
  idOrSlug: string,
): Promise<Result<PublicOrganization>> {
  const found = await deps.users.findOrganization(asSystem(call), { idOrSlug });
  if (found.ok || found.error.code === "platform.unavailable") return found;
  return fail("events.organization_not_found", "No such organization.");
}
