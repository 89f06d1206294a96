import { readFileSync } from "node:fs";
import path from "node:path";
import { root } from "../../../scripts/platform/workers.ts";
import type { Request } from "./http.ts";

/** Everything of one tenant that has an id. */
export interface Belongings {
  readonly event: string;
  readonly organization: string;
  readonly ticketType: string;
  readonly pool: string;
  readonly media: string;
  readonly venue: string;
  readonly upload: string;
  readonly reservation: string;
  readonly order: string;
  readonly ticket: string;
  readonly ticketCode: string;
  readonly payment: string;
  readonly refund: string;
  readonly user: string;
  readonly membership: string;
  readonly import: string;
  readonly invitation: string;
  readonly apiKey: string;
}

/** One operation of the document, aimed at somebody's belongings. */
export interface AimedRequest {
  readonly operation: string;
  readonly request: Request;
  /** Whether it is for administrators of the platform only. */
  readonly isAdministration: boolean;
  /** Whether a secret may stand in for a token. */
  readonly isForBuyers: boolean;
}

interface Operation {
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly requestBody?: { readonly required?: boolean };
}

/** Operations with ids that anybody may call. */
const forEverybody = new Set([
  "GET /v1/events/{id}/ticket-types",
  "GET /v1/events/{id}/ticket-types/{ticketTypeId}",
  "POST /v1/events/{id}/reservations",
  "POST /v1/organizations/{idOrSlug}/follow",
  "DELETE /v1/organizations/{idOrSlug}/follow",
]);

/** Bodies that are not JSON. */
const rawBodies: Readonly<Record<string, { readonly type: string; readonly body: Uint8Array<ArrayBuffer> }>> = {
  "POST /v1/events/{id}/media": { type: "image/png", body: new Uint8Array([0x89, 0x50, 0x4e, 0x47]) },
  "PUT /v1/events/{id}/media/uploads/{uploadId}/parts/{number}": {
    type: "image/png",
    body: new Uint8Array([0x89, 0x50, 0x4e, 0x47]),
  },
  "POST /v1/organizations/{id}/event-imports": { type: "text/csv", body: new TextEncoder().encode("title\nMine\n") },
};

/**
 * Every guarded operation with ids in its path, from the document, aimed at these belongings with bodies that would be taken
 * from their owner. An operation that nothing is known of throws, so that a new one gets its row.
 */
export function aimAt(own: Belongings): AimedRequest[] {
  const bodies: Readonly<Record<string, unknown>> = {
    "PATCH /v1/events/{idOrSlug}": { title: "Taken over" },
    "PUT /v1/events/{idOrSlug}": { title: "Taken over" },
    "POST /v1/events/{id}/guests": { guests: [{ email: "friend@example.com" }] },
    "POST /v1/events/{id}/check-ins": { code: own.ticketCode },
    "POST /v1/events/{id}/occurrences": { rrule: "FREQ=DAILY;COUNT=2" },
    "PUT /v1/events/{id}/occurrences": { rrule: "FREQ=DAILY;COUNT=2" },
    "POST /v1/events/{id}/occurrences/publish": { scope: "all" },
    "POST /v1/events/{id}/pools": { name: "Mine", capacity: 1 },
    "PATCH /v1/events/{id}/pools/{poolId}": { capacity: 0 },
    "POST /v1/events/{id}/ticket-types": { name: "Mine", kind: "free", capacity: 1 },
    "PATCH /v1/events/{id}/ticket-types/{ticketTypeId}": { name: "Mine" },
    "PATCH /v1/events/{id}/media/{mediaId}": { alt: "Mine" },
    "PUT /v1/events/{id}/media/order": { mediaIds: [own.media] },
    "POST /v1/events/{id}/media/uploads": { contentType: "image/png", sizeBytes: 4 },
    "PATCH /v1/organizations/{id}": { name: "Mine" },
    "POST /v1/organizations/{id}/api-keys": { name: "Mine", scopes: ["orders.read"] },
    "PATCH /v1/organizations/{id}/api-keys/{keyId}": { name: "Mine" },
    "POST /v1/organizations/{id}/api-keys/{keyId}/rotate": { overlapSeconds: 0 },
    "POST /v1/organizations/{id}/invitations": { email: "friend@example.com", role: "door" },
    "PATCH /v1/organizations/{id}/members/{memberId}": { role: "door" },
    "POST /v1/organizations/{id}/transfer": { memberId: own.membership },
    "PATCH /v1/categories/{id}": { name: "Mine" },
    "PATCH /v1/tags/{tag}": { name: "mine" },
    "PATCH /v1/venues/{id}": { name: "Mine", confirm: true },
    "PATCH /v1/reservations/{id}": { items: [{ ticketTypeId: own.ticketType, quantity: 2 }] },
    "POST /v1/orders/{id}/payment": { returnUrl: "https://elsewhere.example/return" },
    "POST /v1/payments/{id}/refunds": { reason: "Because" },
    "PATCH /v1/users/profile/passkeys/{id}": { name: "Mine" },
    "POST /v1/admin/payments/review/{id}/resolve": { resolution: "Done" },
    "PATCH /v1/admin/users/{id}": { name: "Mine" },
    "POST /v1/admin/users/{id}/impersonate": { reason: "Because" },
    "POST /v1/admin/users/{id}/restore": { reason: "Because" },
    "POST /v1/admin/users/{id}/roles": { roles: ["administrator"] },
    "POST /v1/admin/users/{id}/sessions/revoke": { reason: "Because" },
    "POST /v1/admin/users/{id}/suspend": { reason: "Because" },
  };
  const firstIds: Readonly<Record<string, string>> = {
    events: own.event,
    organizations: own.organization,
    orders: own.order,
    payments: own.payment,
    refunds: own.refund,
    reservations: own.reservation,
    tickets: own.ticket,
    categories: `cat_${"0".repeat(26)}`,
    tags: "jazz",
    venues: own.venue,
    passkeys: `psk_${"0".repeat(26)}`,
    sessions: `ses_${"0".repeat(26)}`,
    "admin/users": own.user,
    identities: `idn_${"0".repeat(26)}`,
    "admin/payments": own.payment,
    "admin/payments/review": `rev_${"0".repeat(26)}`,
    "dead-letters": "ddl_1",
  };
  const furtherIds: Readonly<Record<string, string>> = {
    "{importId}": own.import,
    "{guestId}": `gst_${"0".repeat(26)}`,
    "{invitationId}": own.invitation,
    "{keyId}": own.apiKey,
    "{memberId}": own.membership,
    "{mediaId}": own.media,
    "{uploadId}": own.upload,
    "{number}": "1",
    "{orderId}": own.order,
    "{poolId}": own.pool,
    "{ticketTypeId}": own.ticketType,
  };
  const known = (id: string | undefined, operation: string): string => {
    if (id === undefined) throw new Error(`${operation} has an id that this matrix does not know`);
    return id;
  };
  const aimed: AimedRequest[] = [];
  for (const [template, methods] of Object.entries(readPaths())) {
    for (const [name, { security = [], requestBody }] of Object.entries(methods)) {
      const method = name.toUpperCase();
      const operation = `${method} ${template}`;
      const isGuarded = security.some((scheme) => "bearer" in scheme);
      if (!template.includes("{") || !isGuarded || forEverybody.has(operation)) continue;
      const before = template.slice("/v1/".length, template.indexOf("/{"));
      const first = firstIds[before] ?? firstIds[before.slice(before.lastIndexOf("/") + 1)];
      const target = template.replaceAll(/\{\w+\}/g, (placeholder) =>
        known(furtherIds[placeholder] ?? first, operation),
      );
      const raw = rawBodies[operation];
      if (requestBody?.required === true && bodies[operation] === undefined && raw === undefined) {
        throw new Error(`${operation} needs a body that this matrix does not know`);
      }
      aimed.push({
        operation,
        request: {
          method,
          path: target,
          ...(bodies[operation] === undefined ? {} : { body: bodies[operation] }),
          ...(raw === undefined ? {} : { body: raw.body, headers: { "content-type": raw.type } }),
        },
        isAdministration: /^(?:admin|categories|tags)\b/.test(before),
        isForBuyers: security.some((scheme) => Object.keys(scheme).length === 0),
      });
    }
  }
  return aimed;
}

function readPaths(): Readonly<Record<string, Readonly<Record<string, Operation>>>> {
  const document: unknown = JSON.parse(readFileSync(path.join(root, "docs/openapi/openapi.json"), "utf8"));
  // The file is generated from the code and checked against it.
  return (document as { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> }).paths;
}
