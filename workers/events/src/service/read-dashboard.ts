import type { SalesFigures } from "@foyer/contracts/bookings/sale-figures";
import type { EventStatus } from "@foyer/contracts/events/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Event } from "../domain/event.ts";
import { asSystem, authorizeIn } from "./access.ts";

/** An organization's events and sales at a glance. */
export interface Dashboard {
  readonly counts: { readonly byStatus: Readonly<Partial<Record<EventStatus, number>>>; readonly onSale: number };
  /** Null where the caller may not see figures. */
  readonly sales: SalesFigures | null;
  readonly next: readonly { readonly event: Event; readonly sales: SalesFigures | null }[];
  readonly drafts: readonly Event[];
}

/**
 * What a member sees first: how many events there are, the next ones, drafts, and what was sold, by bookings' query model, which
 * follows the box offices within a second or so. Figures are for roles with `analytics.read`; others get the rest.
 */
export async function readDashboard(
  deps: Pick<Deps, "users" | "lists" | "organizers" | "bookings" | "clock">,
  call: CallContext,
  input: { readonly organizationId: OrganizationId },
): Promise<Result<Dashboard>> {
  const { organizationId } = input;
  const absentCode = "events.organization_not_found";
  const allowed = await authorizeIn(deps, call, { organizationId, permission: "events.read", absentCode });
  if (!allowed.ok) return allowed;
  const figures = await authorizeIn(deps, call, { organizationId, permission: "analytics.read", absentCode });
  if (!figures.ok && figures.error.code !== "auth.forbidden") return figures;

  const nowMs = deps.clock.nowMs();
  const limit = limits.dashboardEventsShown;
  const [counts, next, drafts] = await Promise.all([
    deps.organizers.countEvents(organizationId, nowMs),
    deps.lists.upcoming(organizationId, { limit, nowMs }),
    deps.lists.ofMembers({ organizationId, status: "draft" }, { limit, order: "created", after: null }),
  ]);
  if (!figures.ok) return ok({ counts, sales: null, next: next.map((event) => ({ event, sales: null })), drafts });
  const eventIds = next.map((event) => event.id);
  const summary = await deps.bookings.getSalesSummary(asSystem(call), { organizationId, eventIds });
  if (!summary.ok) return summary;
  const byEvent = new Map(summary.value.events.map((sales) => [sales.eventId, sales]));
  return ok({
    counts,
    sales: summary.value.totals,
    next: next.map((event) => ({ event, sales: byEvent.get(event.id) ?? null })),
    drafts,
  });
}
