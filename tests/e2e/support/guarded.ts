import { type Permission, permissions } from "@foyer/contracts/shared/permissions";
import { required } from "@foyer/kernel/assert";
import { makePicture } from "../../../scripts/sale/picture.ts";
import { type Access, access } from "./access.ts";
import { aimAt } from "./foreign-routes.ts";
import type { Request } from "./http.ts";
import type { Tenants } from "./tenants.ts";

/** An operation that asks who calls, with a request for it that is aimed at the house and that its owner could make. */
export interface Guarded {
  readonly operation: string;
  readonly who: Access;
  readonly request: Request;
}

export function isPermission(who: Access): who is Permission {
  return permissions.some((permission) => permission === who);
}

/** Every operation of the surface that asks who calls. One for which no request is known throws. */
export function guardedOperations(tenants: Tenants): readonly Guarded[] {
  const requests = new Map([
    ...aimAt(tenants.own).map(({ operation, request }) => [operation, request] as const),
    ...Object.entries(requestsWithoutIds(tenants)),
    ...["POST", "DELETE"].map((method) => {
      const request = { method, path: `/v1/organizations/${tenants.own.organization}/follow` };
      return [`${method} /v1/organizations/{idOrSlug}/follow`, request] as const;
    }),
  ]);
  return Object.entries(access).flatMap(([operation, who]) => {
    if (who === "anyone") return [];
    return [{ operation, who, request: required(requests.get(operation), `no request is known for ${operation}`) }];
  });
}

/** Lists that are asked for by organization. */
const ofOrganization = new Set(["GET /v1/payments", "GET /v1/venues"]);

const pixel = makePicture(64, 64, [0, 0, 0], [255, 255, 255]);

/** Requests of the guarded operations that have no id in their path. */
function requestsWithoutIds({ house, held }: Tenants): Readonly<Record<string, Request>> {
  const { organizationId } = house;
  const bodies: Readonly<Record<string, unknown>> = {
    "POST /v1/auth/logout": {},
    "POST /v1/auth/mfa/totp/confirm": { code: "123456" },
    "POST /v1/auth/passkeys/register/verify": {
      name: "Mine",
      response: {
        id: "AAAA",
        rawId: "AAAA",
        type: "public-key",
        response: { clientDataJSON: "AAAA", attestationObject: "AAAA" },
      },
    },
    "POST /v1/auth/password/change": { currentPassword: house.password, password: `${house.password} again` },
    "POST /v1/auth/step-up": { password: house.password },
    "POST /v1/categories": { name: "Mine", slug: "mine" },
    "POST /v1/events": { organizationId, title: "Mine" },
    "POST /v1/invitations/accept": { token: "stolen" },
    "POST /v1/orders": { reservationId: held.reservationId, buyer: { name: "Buyer One", email: "buyer@example.com" } },
    "POST /v1/organizations": { name: "Mine" },
    "POST /v1/tags": { name: "mine" },
    "POST /v1/venues": { organizationId, name: "Mine", address: "1 Road", city: "Oslo", country: "NO" },
    "PUT /v1/users/profile": { name: "Mine" },
    "PATCH /v1/users/profile": { name: "Mine" },
    "POST /v1/users/profile/avatar": pixel,
    "POST /v1/users/profile/email": { email: "mine@example.com" },
  };
  const plain = Object.keys(access).filter((operation) => access[operation] !== "anyone" && !operation.includes("{"));
  return Object.fromEntries(
    plain.map((operation) => {
      const [method = "", path = ""] = operation.split(" ");
      const query = ofOrganization.has(operation) ? `?organizationId=${organizationId}` : "";
      const body = bodies[operation];
      const headers = body === pixel ? { "content-type": "image/png" } : {};
      return [operation, { method, path: `${path}${query}`, body, headers }];
    }),
  );
}
