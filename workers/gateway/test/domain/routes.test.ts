import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { routes, type WorkerBinding, workerBindings, workerOf } from "../../src/domain/routes.ts";

const event = "/v1/events/evt_0123456789abcdefghjkmnpqrs";
const organization = "/v1/organizations/org_0123456789abcdefghjkmnpqrs";
const order = "/v1/orders/ord_0123456789";

const expected: Readonly<Record<WorkerBinding, readonly string[]>> = {
  USERS: [
    "/.well-known/jwks.json",
    "/v1/auth/register",
    "/v1/auth/oauth/google/callback",
    "/v1/users/profile",
    "/v1/users/profile/sessions/ses_1",
    "/v1/avatars/ava_1",
    "/v1/organizations",
    organization,
    `${organization}/members`,
    `${organization}/invitations/inv_1`,
    "/v1/invitations/preview",
    "/v1/invitations/accept",
    "/v1/avatars/usr_1",
    `${organization}/api-keys/key_1`,
    `${organization}/audit`,
    "/v1/invitations/accept",
    "/v1/admin/users/dead-letters",
    "/v1/admin/users/usr_1/suspend",
    "/v1/admin/stats",
    "/v1/admin/audit",
  ],
  EVENTS: [
    "/v1/events",
    event,
    `${event}/publish`,
    `${event}/occurrences`,
    `${event}/media`,
    `${event}/media/uploads/up_1/parts/3`,
    `${event}/calendar.ics`,
    "/v1/categories/cat_1",
    "/v1/venues",
    "/v1/tags",
    "/v1/media/med_1",
    `${event}/access`,
    `${event}/guests/gst_1/resend`,
    `${event}/join`,
    `${event}/schema.json`,
    `${organization}/events/night`,
    "/v1/organizations/house/events/night",
    `${organization}/profile`,
    `${organization}/follow`,
    `${organization}/dashboard`,
    `${organization}/calendar.ics`,
    `${organization}/feed.json`,
    `${organization}/feed.xml`,
    "/v1/events/calendar.ics",
    "/v1/events/feed.xml",
    "/sitemap.xml",
    "/sitemaps/events-0-z.xml",
    "/robots.txt",
    "/v1/admin/events/dead-letters",
  ],
  BOOKINGS: [
    `${event}/pools/pool_1`,
    `${event}/ticket-types`,
    `${event}/promo-codes`,
    `${event}/availability`,
    `${event}/availability/live`,
    `${event}/reservations`,
    `${event}/orders/ord_1/refund`,
    `${event}/attendees`,
    `${event}/check-ins/batch`,
    `${event}/waitlist`,
    "/v1/reservations/rsv_1/extend",
    "/v1/orders",
    order,
    `${order}/tickets`,
    `${order}/invoice.pdf`,
    "/v1/tickets/tkt_1.pdf",
    "/v1/waitlist/wl_1/claim",
    "/v1/admin/bookings/dead-letters",
  ],
  PAYMENTS: [
    `${order}/payment`,
    "/v1/payments/pay_1/refunds",
    "/v1/refunds/ref_1",
    "/v1/webhooks/stripe",
    `${organization}/balance`,
    `${organization}/payouts`,
    `${organization}/payout-account`,
    `${organization}/ledger`,
    `${organization}/disputes`,
    "/v1/admin/payments/review",
  ],
  NOTIFICATIONS: [
    "/v1/users/profile/notification-preferences",
    "/v1/users/profile/push-subscriptions",
    "/v1/users/profile/notifications/read",
    `${organization}/templates/order_confirmed/preview`,
    `${organization}/webhooks/wh_1/deliveries`,
    `${event}/messages/msg_1/deliveries`,
    "/v1/unsubscribe/token",
    "/v1/webhooks/mail",
    "/v1/admin/notifications/dead-letters",
  ],
  SEARCH: ["/v1/search/events", "/v1/search/suggest", `${event}/similar`, "/v1/admin/search/reindex"],
  ANALYTICS: [
    "/v1/analytics/track",
    `${event}/analytics/summary`,
    `${event}/analytics/live`,
    `${organization}/analytics/revenue`,
    "/v1/admin/analytics/summary",
  ],
};

describe("every path of the API goes to the worker that owns it", () => {
  for (const worker of workerBindings) {
    test.each(expected[worker].map((path) => [path]))(`%s -> ${worker}`, (path) => {
      expect(workerOf(path)).toBe(worker);
    });
  }
});

test.each([
  "/",
  "",
  "/health/ready",
  "/v1",
  "/v1/",
  "/v1/admin",
  "/v1/webhooks",
  "/v1/webhooks/other",
  "/v1/eventsx",
  "/V1/events",
  "//v1/events",
  "/v1//events",
  "/v2/events",
  "/v1/%65vents",
  "/v1/auth%2flogin",
  "/cdn-cgi/trace",
  "/v1/__proto__",
  "/constructor",
])("nothing answers %j", (path) => {
  expect(workerOf(path)).toBeNull();
});

test("no pattern is claimed twice", () => {
  const patterns = Object.values(routes).flat();
  expect(new Set(patterns).size).toBe(patterns.length);
});

test("whatever stands below a pattern stays with a worker, and no text makes the table throw", () => {
  const segment = fc.stringMatching(/^[A-Za-z0-9._~%-]{0,12}$/);
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(routes).flat()),
      fc.array(segment, { maxLength: 5 }),
      (pattern, rest) => {
        expect(workerOf([pattern.replaceAll("*", "x"), ...rest].join("/"))).not.toBeNull();
      },
    ),
  );
  fc.assert(
    fc.property(fc.string(), (path) => {
      expect([null, ...workerBindings]).toContain(workerOf(path));
    }),
  );
});
