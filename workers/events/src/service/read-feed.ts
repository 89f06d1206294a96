import type { CallContext } from "@foyer/contracts/shared/actor";
import type { OrganizationName } from "@foyer/contracts/users/rpc";
import { dayMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Event } from "../domain/event.ts";
import type { EventFilter } from "../repository/list-queries.ts";

type FeedDeps = Pick<Deps, "lists" | "users" | "clock">;

/** An organizer's public events, and what the organizer is called. */
export interface OrganizersEvents {
  readonly organization: OrganizationName;
  readonly events: readonly Event[];
}

/** Events of a saved search for a calendar: what the list shows, and what of it is postponed or cancelled; the soonest. */
export async function readCalendar(
  deps: Pick<Deps, "lists" | "clock">,
  filter: EventFilter,
): Promise<readonly Event[]> {
  const nowMs = deps.clock.nowMs();
  const limit = limits.calendarEventsMax;
  const earliestMs = nowMs - limits.calendarPastDays * dayMs;
  const [coming, calledOff] = await Promise.all([
    deps.lists.public(filter, { limit, after: null, nowMs }),
    deps.lists.calledOff(filter, { limit, earliestMs }),
  ]);
  const all = [...coming, ...calledOff];
  return all.toSorted((left, right) => (left.startsAtMs ?? 0) - (right.startsAtMs ?? 0)).slice(0, limit);
}

/** An organizer's calendar: what is to come, and what was or would have been lately. Public events alone, whoever asks. */
export async function readOrganizersCalendar(
  deps: FeedDeps,
  call: CallContext,
  idOrSlug: string,
): Promise<Result<OrganizersEvents>> {
  const organization = await findOrganizer(deps, call, idOrSlug);
  if (!organization.ok) return organization;
  const earliestMs = deps.clock.nowMs() - limits.calendarPastDays * dayMs;
  const page = { limit: limits.calendarEventsMax, earliestMs };
  const events = await deps.lists.calendar(organization.value.id, page);
  return ok({ organization: organization.value, events });
}

/** What a feed of a saved search shows: of what has not ended, what was made public last. */
export function readLatest(deps: Pick<Deps, "lists" | "clock">, filter: EventFilter): Promise<readonly Event[]> {
  return deps.lists.latest(filter, { limit: limits.feedItemsMax, nowMs: deps.clock.nowMs() });
}

/** The same of an organizer's public events. */
export async function readOrganizersLatest(
  deps: FeedDeps,
  call: CallContext,
  idOrSlug: string,
): Promise<Result<OrganizersEvents>> {
  const organization = await findOrganizer(deps, call, idOrSlug);
  if (!organization.ok) return organization;
  const events = await readLatest(deps, { organizationId: organization.value.id });
  return ok({ organization: organization.value, events });
}

/** The organization that an address names, or `events.organization_not_found`. */
async function findOrganizer(deps: FeedDeps, call: CallContext, idOrSlug: string): Promise<Result<OrganizationName>> {
  const found = await deps.users.findOrganization(call, { idOrSlug });
  if (found.ok || found.error.code === "platform.unavailable") return found;
  return fail("events.organization_not_found", "No such organization.");
}
