import { readFileSync } from "node:fs";
import path from "node:path";
import type { Permission } from "@foyer/contracts/shared/permissions";
import { root } from "../../../scripts/platform/workers.ts";

/**
 * Who may call an operation. `anyone`: needs no token. `account`: whoever is signed in, for what is their own. `buyer`: who
 * holds an order or reservation, by account or by its secret. `administrator`: of the platform. Else members of the
 * organization whose role has the permission.
 */
export type Access = "anyone" | "account" | "buyer" | "administrator" | Permission;

/** The whole surface. An operation of the document that has no row here fails the test, and so does a row without one. */
export const access: Readonly<Record<string, Access>> = {
  "GET /.well-known/jwks.json": "anyone",
  "GET /docs": "anyone",
  "GET /health": "anyone",
  "GET /health/ready": "anyone",
  "GET /openapi.json": "anyone",

  "POST /v1/auth/email/confirm-change": "anyone",
  "POST /v1/auth/email/resend": "anyone",
  "POST /v1/auth/email/verify": "anyone",
  "POST /v1/auth/login": "anyone",
  "POST /v1/auth/logout": "account",
  "POST /v1/auth/refresh": "anyone",
  "POST /v1/auth/register": "anyone",
  "GET /v1/users/profile": "account",
  "PATCH /v1/users/profile": "account",
  "DELETE /v1/users/profile": "account",
  "POST /v1/users/profile/avatar": "account",
  "DELETE /v1/users/profile/avatar": "account",
  "POST /v1/users/profile/email": "account",
  "DELETE /v1/users/profile/email": "account",
  "GET /v1/users/profile/export": "account",
  "GET /v1/avatars/{avatarId}": "anyone",
  "GET /v1/organizations": "account",
  "POST /v1/organizations": "account",
  "GET /v1/organizations/{id}": "organization.read",
  "PATCH /v1/organizations/{id}": "organization.write",
  "GET /v1/organizations/{id}/members": "organization.read",

  "GET /v1/categories": "anyone",
  "POST /v1/categories": "administrator",
  "PATCH /v1/categories/{id}": "administrator",
  "DELETE /v1/categories/{id}": "administrator",
  "GET /v1/events": "anyone",
  "POST /v1/events": "events.write",
  "GET /v1/events/{idOrSlug}": "anyone",
  "PATCH /v1/events/{idOrSlug}": "events.write",
  "DELETE /v1/events/{idOrSlug}": "events.write",
  "POST /v1/events/{id}/publish": "events.publish",
  "POST /v1/events/{id}/unpublish": "events.publish",
  "POST /v1/events/{id}/cancel": "events.publish",
  "POST /v1/events/{id}/archive": "events.publish",
  "GET /v1/events/{id}/media": "anyone",
  "POST /v1/events/{id}/media": "events.write",
  "DELETE /v1/events/{id}/media/{mediaId}": "events.write",
  "GET /v1/media/{mediaId}": "anyone",

  "GET /v1/events/{id}/pools": "sales.read",
  "POST /v1/events/{id}/pools": "sales.write",
  "GET /v1/events/{id}/pools/{poolId}": "sales.read",
  "PATCH /v1/events/{id}/pools/{poolId}": "sales.write",
  "DELETE /v1/events/{id}/pools/{poolId}": "sales.write",
  "GET /v1/events/{id}/ticket-types": "anyone",
  "POST /v1/events/{id}/ticket-types": "sales.write",
  "GET /v1/events/{id}/ticket-types/{ticketTypeId}": "anyone",
  "PATCH /v1/events/{id}/ticket-types/{ticketTypeId}": "sales.write",
  "DELETE /v1/events/{id}/ticket-types/{ticketTypeId}": "sales.write",
  "GET /v1/events/{id}/availability": "anyone",
  "POST /v1/events/{id}/reservations": "anyone",
  "GET /v1/reservations/{id}": "buyer",
  "PATCH /v1/reservations/{id}": "buyer",
  "DELETE /v1/reservations/{id}": "buyer",
  "POST /v1/reservations/{id}/extend": "buyer",
  "POST /v1/orders": "buyer",
  "GET /v1/orders": "account",
  "GET /v1/orders/{id}": "buyer",
  "POST /v1/orders/{id}/cancel": "buyer",
  "GET /v1/orders/{id}/tickets": "buyer",
  "GET /v1/tickets/{id}": "buyer",
  "GET /v1/events/{id}/orders": "orders.read",
  "POST /v1/events/{id}/orders/{orderId}/cancel": "orders.write",
  "POST /v1/events/{id}/check-ins": "checkins.write",
  "GET /v1/events/{id}/check-ins/key": "checkins.read",
  "GET /v1/events/{id}/check-ins/stats": "checkins.read",

  "GET /v1/orders/{id}/payment": "buyer",
  "POST /v1/orders/{id}/payment": "buyer",
  "GET /v1/payments": "payments.read",
  "POST /v1/payments/{id}/refunds": "payments.refund",
  "GET /v1/refunds/{id}": "payments.read",
  "POST /v1/webhooks/stripe": "anyone",
  "GET /v1/admin/payments/review": "administrator",
  "POST /v1/admin/payments/review/{id}/resolve": "administrator",
  "POST /v1/admin/payments/{id}/reconcile": "administrator",

  "GET /v1/search/events": "anyone",
  "GET /v1/search/suggest": "anyone",
  "POST /v1/analytics/track": "anyone",
  "GET /v1/events/{id}/analytics/sales": "analytics.read",
  "GET /v1/events/{id}/analytics/summary": "analytics.read",
  "GET /v1/organizations/{id}/analytics/summary": "analytics.read",

  "GET /v1/admin/analytics/dead-letters": "administrator",
  "POST /v1/admin/analytics/dead-letters/{id}/replay": "administrator",
  "GET /v1/admin/bookings/dead-letters": "administrator",
  "POST /v1/admin/bookings/dead-letters/{id}/replay": "administrator",
  "GET /v1/admin/notifications/dead-letters": "administrator",
  "POST /v1/admin/notifications/dead-letters/{id}/replay": "administrator",
  "GET /v1/admin/notifications/deliveries": "administrator",
  "GET /v1/admin/payments/dead-letters": "administrator",
  "POST /v1/admin/payments/dead-letters/{id}/replay": "administrator",
  "GET /v1/admin/search/dead-letters": "administrator",
  "POST /v1/admin/search/dead-letters/{id}/replay": "administrator",
};

type Scheme = Readonly<Record<string, readonly string[]>>;

/** Operations of the document, and whether each demands a token, takes one, or looks at none. */
export function documentedOperations(): ReadonlyMap<string, "demanded" | "taken" | "none"> {
  const text = readFileSync(path.join(root, "docs/openapi/openapi.json"), "utf8");
  // The file is generated from the code and checked against it.
  const { paths } = JSON.parse(text) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly security?: readonly Scheme[] }>>>>;
  };
  return new Map(
    Object.entries(paths).flatMap(([template, methods]) =>
      Object.entries(methods).map(([method, { security = [] }]) => {
        const takesToken = security.some((scheme) => "bearer" in scheme);
        const isOptional = security.some((scheme) => Object.keys(scheme).length === 0);
        const token = takesToken ? (isOptional ? "taken" : "demanded") : "none";
        return [`${method.toUpperCase()} ${template}`, token] as const;
      }),
    ),
  );
}
