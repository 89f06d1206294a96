import type { SalesFigures } from "@foyer/contracts/bookings/sale-figures";
import { eventStatuses } from "@foyer/contracts/events/api";
import type { DashboardView, OrganizerProfileView, SalesView } from "@foyer/contracts/events/organizers";
import type { Dashboard } from "../service/read-dashboard.ts";
import type { OrganizerPage } from "../service/read-organizer.ts";
import { toSummaryView } from "./views.ts";

/** An organizer's public page. */
export function toProfileView(page: OrganizerPage, publicUrl: string): OrganizerProfileView {
  const { organization, followers, following, upcoming } = page;
  const base = `${publicUrl}/v1/organizations/${organization.slug}`;
  return {
    ...organization,
    followers,
    following,
    upcoming: upcoming.map((event) => toSummaryView(event, { member: false, publicUrl })),
    calendarUrl: `${base}/calendar.ics`,
    feedUrl: `${base}/feed.json`,
  };
}

/** The overview, as its members see it. */
export function toDashboardView(dashboard: Dashboard, publicUrl: string): DashboardView {
  const { counts, sales, next, drafts } = dashboard;
  const viewer = { member: true, publicUrl };
  const byStatus = Object.fromEntries(eventStatuses.map((status) => [status, counts.byStatus[status] ?? 0]));
  return {
    // Every status is there, made from the list of them.
    events: { byStatus: byStatus as DashboardView["events"]["byStatus"], onSale: counts.onSale },
    sales: sales === null ? null : toSalesView(sales),
    next: next.map((row) => ({
      event: toSummaryView(row.event, viewer),
      sales: sales === null ? null : toSalesView(row.sales ?? nothingSold),
    })),
    drafts: drafts.map((event) => toSummaryView(event, viewer)),
  };
}

const nothingSold: SalesFigures = { ordersConfirmed: 0, ticketsSold: 0, revenue: [] };

function toSalesView({ ordersConfirmed, ticketsSold, revenue }: SalesFigures): SalesView {
  return { orders: ordersConfirmed, tickets: ticketsSold, revenue: [...revenue] };
}
