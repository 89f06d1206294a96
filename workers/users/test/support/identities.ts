import { env } from "cloudflare:workers";
import type { ProviderName } from "@foyer/contracts/users/api/providers";
import { expect } from "vitest";
import { send } from "./people.ts";
import { begin, oneTimeCode, redeem, type SignedInBody } from "./providers.ts";

export const profile = "/v1/users/profile/identities";
/** A tenant of Microsoft's that is an organization's. */
export const organization = "f8cdef31-a31e-4b4a-93e4-5f571e91255a";
export const headersOf = ({ session }: SignedInBody) => ({ authorization: `Bearer ${session.accessToken}` });

export interface IdentityBody {
  id: string;
  provider: ProviderName;
  email: string | null;
}

export async function identitiesOf(headers: Record<string, string>): Promise<IdentityBody[]> {
  const response = await send("GET", profile, undefined, headers);
  expect(response.status).toBe(200);
  return (await response.json<{ data: IdentityBody[] }>()).data;
}

/** Links an identity to somebody's account: the answer to redeeming the code. */
export async function link(
  headers: Record<string, string>,
  provider: ProviderName,
  claims: Record<string, unknown>,
): Promise<Response> {
  const begun = await begin(provider, { intent: "link" }, headers);
  return redeem(await oneTimeCode(begun, claims), begun.cookie, {}, headers);
}

/** What the trail says that somebody did, oldest first. */
export const auditOf = async (userId: string) => {
  const { results } = await env.USERS_DB.prepare("SELECT action, after FROM audit WHERE actor_id = ?1 ORDER BY rowid")
    .bind(userId)
    .all<{ action: string; after: string | null }>();
  return results.map(({ action, after }) => [action, JSON.parse(after ?? "null")]);
};
