import { requireSelf } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { findOrganizer } from "./read-organizer.ts";

/** How an organizer and one user stand. */
export interface Follow {
  readonly organizationId: OrganizationId;
  readonly following: boolean;
  readonly followers: number;
}

/** Follows an organizer; twice changes nothing. `events.too_many_follows` past {@link limits.followsPerUserMax}. */
export async function followOrganizer(
  deps: Pick<Deps, "users" | "organizers" | "clock">,
  call: CallContext,
  input: { readonly idOrSlug: string },
): Promise<Result<Follow>> {
  const user = requireSelf(call.actor);
  if (!user.ok) return user;
  const found = await findOrganizer(deps, call, input.idOrSlug);
  if (!found.ok) return found;
  const { id: organizationId } = found.value;
  const { userId } = user.value;
  const stored = await deps.organizers.follow(organizationId, userId, deps.clock.nowMs(), limits.followsPerUserMax);
  if (stored === "full")
    return fail("events.too_many_follows", `One account follows at most ${limits.followsPerUserMax} organizers.`);
  return ok({ organizationId, ...(await deps.organizers.following(organizationId, userId)) });
}

/** Ends following an organizer; where nobody followed, nothing changes. */
export async function unfollowOrganizer(
  deps: Pick<Deps, "users" | "organizers">,
  call: CallContext,
  input: { readonly idOrSlug: string },
): Promise<Result<null>> {
  const user = requireSelf(call.actor);
  if (!user.ok) return user;
  const found = await findOrganizer(deps, call, input.idOrSlug);
  if (!found.ok) return found;
  await deps.organizers.unfollow(found.value.id, user.value.userId);
  return ok(null);
}
