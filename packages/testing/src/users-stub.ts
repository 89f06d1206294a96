import { rolePermissions } from "@foyer/contracts/shared/permissions";
import { testSigningJwk } from "./signing-key.ts";
import type { StubWorker } from "./worker-project.ts";

const permissionTable = Object.fromEntries(
  Object.entries(rolePermissions).map(([role, permissions]) => [role, [...permissions]]),
);
const { d: _private, ...publicJwk } = testSigningJwk;

/**
 * Stands in for the users worker. It publishes the test key, and knows the memberships that tests grant:
 * `env.USERS.testGrant(userId, organizationId, role)`. Everyone else is no member, so another tenant's
 * organization is not found, as with the real worker.
 */
export const usersStub: StubWorker = {
  name: "foyer-users",
  script: `
    import { WorkerEntrypoint } from "cloudflare:workers";
    const memberships = new Map();
    const contacts = new Map();
    const tokens = new Map();
    let failuresLeft = 0;
    const answer = () => {
      if (failuresLeft > 0) { failuresLeft -= 1; throw new Error("users is down"); }
    };
    const permissions = ${JSON.stringify(permissionTable)};
    export default class extends WorkerEntrypoint {
      async fetch() { return Response.json({ status: "ok", checks: [] }); }
      async testGrant(userId, organizationId, role) { memberships.set(userId + " " + organizationId, role); }
      async testContact(contact) { contacts.set(contact.userId, contact); }
      /** What getSingleUseToken answers for one token: a value, or { error }. */
      async testToken(tokenId, result) { tokens.set(tokenId, result); }
      /** The next calls for contacts and tokens fail, as when the worker is down. */
      async testDown(calls) { failuresLeft = calls; }
      async getJwks() { return { keys: [${JSON.stringify({ ...publicJwk, alg: "EdDSA", use: "sig" })}] }; }
      async authorize(call, { organizationId, permission }) {
        if (call.actor.kind === "system") return { ok: true, value: { organizationId, role: "owner" } };
        if (call.actor.kind !== "user") return { ok: false, error: { code: "auth.required", detail: "Sign in first." } };
        const role = memberships.get(call.actor.userId + " " + organizationId);
        if (role === undefined) return { ok: false, error: { code: "users.organization_not_found", detail: "No such organization." } };
        if (!permissions[role].includes(permission))
          return { ok: false, error: { code: "auth.forbidden", detail: "Your role does not allow this." } };
        return { ok: true, value: { organizationId, role } };
      }
      async getContacts(call, { userIds }) {
        answer();
        return { ok: true, value: userIds.flatMap((id) => contacts.get(id) ?? []) };
      }
      async getSingleUseToken(call, { tokenId }) {
        answer();
        const known = tokens.get(tokenId);
        if (known !== undefined) return known;
        return { ok: true, value: { token: "secret-of-" + tokenId, purpose: "verify_email", userId: "usr_00000000000000000000000000", expiresAt: "2030-01-01T00:00:00.000Z" } };
      }
      async getOrganizations(call, { organizationIds }) {
        return { ok: true, value: organizationIds.map((id) => ({ id, name: "Organization " + id.slice(-4), slug: "organization-" + id.slice(-4) })) };
      }
    }
  `,
};
