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
  "GET /v1/auth/mfa": "account",
  "POST /v1/auth/mfa/recovery-codes": "account",
  "POST /v1/auth/mfa/totp": "account",
  "DELETE /v1/auth/mfa/totp": "account",
  "POST /v1/auth/mfa/totp/confirm": "account",
  "POST /v1/auth/mfa/verify": "anyone",
  "GET /v1/auth/oauth/providers": "anyone",
  "GET /v1/auth/oauth/{provider}/callback": "anyone",
  "POST /v1/auth/oauth/{provider}/callback": "anyone",
  "POST /v1/auth/oauth/login": "anyone",
  "POST /v1/auth/oauth/token": "anyone",
  "POST /v1/auth/passkeys/login/options": "anyone",
  "POST /v1/auth/passkeys/login/verify": "anyone",
  "POST /v1/auth/passkeys/register/options": "account",
  "POST /v1/auth/passkeys/register/verify": "account",
  "POST /v1/auth/password/change": "account",
  "POST /v1/auth/password/forgot": "anyone",
  "POST /v1/auth/password/reset": "anyone",
  "POST /v1/auth/refresh": "anyone",
  "POST /v1/auth/register": "anyone",
  "POST /v1/auth/step-up": "account",
  "GET /v1/users/profile": "account",
  "PUT /v1/users/profile": "account",
  "PATCH /v1/users/profile": "account",
  "DELETE /v1/users/profile": "account",
  "POST /v1/users/profile/avatar": "account",
  "DELETE /v1/users/profile/avatar": "account",
  "POST /v1/users/profile/email": "account",
  "DELETE /v1/users/profile/email": "account",
  "GET /v1/users/profile/export": "account",
  "GET /v1/users/profile/passkeys": "account",
  "PATCH /v1/users/profile/passkeys/{id}": "account",
  "DELETE /v1/users/profile/passkeys/{id}": "account",
  "GET /v1/users/profile/sessions": "account",
  "DELETE /v1/users/profile/sessions": "account",
  "DELETE /v1/users/profile/sessions/{id}": "account",
  "GET /v1/users/profile/identities": "account",
  "DELETE /v1/users/profile/identities/{id}": "account",
  "GET /v1/avatars/{avatarId}": "anyone",
  "GET /v1/organizations": "account",
  "POST /v1/organizations": "account",
  "GET /v1/organizations/{id}": "organization.read",
  "PATCH /v1/organizations/{id}": "organization.write",
  "DELETE /v1/organizations/{id}": "organization.delete",
  "GET /v1/organizations/{id}/api-keys": "apikeys.read",
  "POST /v1/organizations/{id}/api-keys": "apikeys.write",
  "GET /v1/organizations/{id}/api-keys/{keyId}": "apikeys.read",
  "PATCH /v1/organizations/{id}/api-keys/{keyId}": "apikeys.write",
  "DELETE /v1/organizations/{id}/api-keys/{keyId}": "apikeys.write",
  "POST /v1/organizations/{id}/api-keys/{keyId}/rotate": "apikeys.write",
  "GET /v1/organizations/{id}/audit": "audit.read",
  "GET /v1/organizations/{id}/invitations": "members.write",
  "POST /v1/organizations/{id}/invitations": "members.write",
  "DELETE /v1/organizations/{id}/invitations/{invitationId}": "members.write",
  "POST /v1/organizations/{id}/invitations/{invitationId}/resend": "members.write",
  "GET /v1/organizations/{id}/members": "organization.read",
  "PATCH /v1/organizations/{id}/members/{memberId}": "members.write",
  "DELETE /v1/organizations/{id}/members/{memberId}": "members.write",
  "POST /v1/organizations/{id}/transfer": "organization.transfer",
  "POST /v1/invitations/accept": "account",
  "POST /v1/invitations/preview": "anyone",

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
  "GET /v1/events/{id}/occurrences": "anyone",
  "POST /v1/events/{id}/occurrences": "events.write",
  "PUT /v1/events/{id}/occurrences": "events.write",
  "POST /v1/events/{id}/occurrences/publish": "events.publish",
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

  "GET /v1/admin/audit": "administrator",
  "GET /v1/admin/stats": "administrator",
  "GET /v1/admin/users": "administrator",
  "GET /v1/admin/users/{id}": "administrator",
  "PATCH /v1/admin/users/{id}": "administrator",
  "POST /v1/admin/users/{id}/impersonate": "administrator",
  "POST /v1/admin/users/{id}/restore": "administrator",
  "POST /v1/admin/users/{id}/roles": "administrator",
  "POST /v1/admin/users/{id}/sessions/revoke": "administrator",
  "POST /v1/admin/users/{id}/suspend": "administrator",

  "GET /v1/admin/analytics/dead-letters": "administrator",
  "POST /v1/admin/analytics/dead-letters/{id}/replay": "administrator",
  "GET /v1/admin/bookings/dead-letters": "administrator",
  "POST /v1/admin/bookings/dead-letters/{id}/replay": "administrator",
  "GET /v1/admin/events/dead-letters": "administrator",
  "POST /v1/admin/events/dead-letters/{id}/replay": "administrator",
  "GET /v1/admin/notifications/dead-letters": "administrator",
  "POST /v1/admin/notifications/dead-letters/{id}/replay": "administrator",
  "GET /v1/admin/notifications/deliveries": "administrator",
  "GET /v1/admin/payments/dead-letters": "administrator",
  "POST /v1/admin/payments/dead-letters/{id}/replay": "administrator",
  "GET /v1/admin/search/dead-letters": "administrator",
  "POST /v1/admin/search/dead-letters/{id}/replay": "administrator",
  "GET /v1/admin/users/dead-letters": "administrator",
  "POST /v1/admin/users/dead-letters/{id}/replay": "administrator",
};

/**
 * Operations that move money, keys, members or ways in. Whoever has not proven themselves lately is asked to, and whoever acts in
 * another's place is refused. Cancelling an order is not among them, because only that of a paid one moves money.
 */
export const needsFreshProof: ReadonlySet<string> = new Set([
  "POST /v1/payments/{id}/refunds",
  "POST /v1/organizations/{id}/api-keys",
  "DELETE /v1/organizations/{id}/api-keys/{keyId}",
  "POST /v1/organizations/{id}/api-keys/{keyId}/rotate",
  "POST /v1/organizations/{id}/invitations",
  "DELETE /v1/organizations/{id}/invitations/{invitationId}",
  "POST /v1/organizations/{id}/invitations/{invitationId}/resend",
  "PATCH /v1/organizations/{id}/members/{memberId}",
  "DELETE /v1/organizations/{id}/members/{memberId}",
  "POST /v1/organizations/{id}/transfer",
  "DELETE /v1/organizations/{id}",
  "POST /v1/auth/mfa/recovery-codes",
  "POST /v1/auth/mfa/totp",
  "DELETE /v1/auth/mfa/totp",
  "POST /v1/auth/mfa/totp/confirm",
  "POST /v1/auth/passkeys/register/options",
  "POST /v1/auth/passkeys/register/verify",
  "DELETE /v1/users/profile",
  "POST /v1/users/profile/email",
  "GET /v1/users/profile/export",
  "DELETE /v1/users/profile/identities/{id}",
  "DELETE /v1/users/profile/passkeys/{id}",
  "POST /v1/admin/payments/review/{id}/resolve",
  "POST /v1/admin/payments/{id}/reconcile",
  "PATCH /v1/admin/users/{id}",
  "POST /v1/admin/users/{id}/impersonate",
  "POST /v1/admin/users/{id}/restore",
  "POST /v1/admin/users/{id}/roles",
  "POST /v1/admin/users/{id}/sessions/revoke",
  "POST /v1/admin/users/{id}/suspend",
]);

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
