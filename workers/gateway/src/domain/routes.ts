/** Bindings of the workers behind the gateway. */
export const workerBindings = [
  "USERS",
  "EVENTS",
  "BOOKINGS",
  "PAYMENTS",
  "NOTIFICATIONS",
  "SEARCH",
  "ANALYTICS",
] as const;
export type WorkerBinding = (typeof workerBindings)[number];

/**
 * Which worker answers which paths. A pattern holds for itself and all below it, `*` stands for one segment, and the
 * most specific pattern decides. What no pattern names does not exist outside, so a worker's own `/health/ready` and
 * the like cannot be reached.
 */
export const routes: Readonly<Record<WorkerBinding, readonly string[]>> = {
  USERS: [
    "/.well-known/jwks.json",
    "/v1/auth",
    "/v1/users",
    "/v1/avatars",
    "/v1/organizations",
    "/v1/invitations",
    "/v1/admin/users",
    "/v1/admin/stats",
    "/v1/admin/audit",
  ],
  EVENTS: [
    "/v1/events",
    "/v1/categories",
    "/v1/venues",
    "/v1/tags",
    "/v1/media",
    "/v1/organizations/*/events",
    "/v1/organizations/*/profile",
    "/v1/organizations/*/follow",
    "/v1/organizations/*/event-imports",
    "/v1/users/profile/follows",
    "/v1/organizations/*/dashboard",
    "/v1/organizations/*/calendar.ics",
    "/v1/organizations/*/feed.json",
    "/v1/organizations/*/feed.xml",
    "/sitemap.xml",
    "/sitemaps",
    "/robots.txt",
    "/v1/admin/events",
  ],
  BOOKINGS: [
    "/v1/events/*/pools",
    "/v1/events/*/ticket-types",
    "/v1/events/*/availability",
    "/v1/events/*/reservations",
    "/v1/events/*/orders",
    "/v1/events/*/attendees",
    "/v1/events/*/check-ins",
    "/v1/events/*/waitlist",
    "/v1/events/*/promo-codes",
    "/v1/reservations",
    "/v1/orders",
    "/v1/tickets",
    "/v1/waitlist",
    "/v1/admin/bookings",
  ],
  PAYMENTS: [
    "/v1/orders/*/payment",
    "/v1/payments",
    "/v1/refunds",
    "/v1/webhooks/stripe",
    "/v1/organizations/*/balance",
    "/v1/organizations/*/payouts",
    "/v1/organizations/*/payout-account",
    "/v1/organizations/*/ledger",
    "/v1/organizations/*/disputes",
    "/v1/admin/payments",
  ],
  NOTIFICATIONS: [
    "/v1/users/profile/notification-preferences",
    "/v1/users/profile/push-subscriptions",
    "/v1/users/profile/notifications",
    "/v1/organizations/*/templates",
    "/v1/organizations/*/webhooks",
    "/v1/events/*/messages",
    "/v1/unsubscribe",
    "/v1/webhooks/mail",
    "/v1/admin/notifications",
  ],
  SEARCH: ["/v1/search", "/v1/events/*/similar", "/v1/admin/search"],
  ANALYTICS: ["/v1/analytics", "/v1/events/*/analytics", "/v1/organizations/*/analytics", "/v1/admin/analytics"],
};

interface Segment {
  readonly children: Map<string, Segment>;
  worker: WorkerBinding | null;
}

const newSegment = (): Segment => ({ children: new Map(), worker: null });

function plant(): Segment {
  const root = newSegment();
  for (const worker of workerBindings) {
    for (const pattern of routes[worker]) {
      let at = root;
      for (const name of pattern.slice(1).split("/")) {
        const next = at.children.get(name) ?? newSegment();
        at.children.set(name, next);
        at = next;
      }
      at.worker = worker;
    }
  }
  return root;
}

const root = plant();

/** The worker that answers a path, or null where nothing does. The path is the request's own, not decoded. */
export function workerOf(path: string): WorkerBinding | null {
  let at: Segment | undefined = root;
  let worker: WorkerBinding | null = null;
  let from = 1;
  while (from <= path.length) {
    const slash = path.indexOf("/", from);
    const end = slash === -1 ? path.length : slash;
    at = at.children.get(path.slice(from, end)) ?? at.children.get("*");
    if (at === undefined) break;
    worker = at.worker ?? worker;
    from = end + 1;
  }
  return worker;
}
