import { rolePermissions } from "@foyer/contracts/shared/permissions";
import { testSigningJwk } from "./signing-key.ts";
import type { StubWorker } from "./worker-project.ts";

const permissionTable = Object.fromEntries(
  Object.entries(rolePermissions).map(([role, permissions]) => [role, [...permissions]]),
);
const { d: _private, ...publicJwk } = testSigningJwk;

/**
 * Stands in for the users worker. It publishes the test key, and knows the memberships and keys that tests grant:
 * `env.USERS.testGrant(userId, organizationId, role)`, `testKey(key, found)`, whom they erase (`testErasure`), and what they end early: `testRevoke(subject)`. Everyone else is
 * no member, so another tenant's organization is not found, as with the real worker.
 */
export const usersStub: StubWorker = {
  name: "foyer-users",
  script: `
    import { WorkerEntrypoint } from "cloudflare:workers";
    const memberships = new Map();
    const contacts = new Map();
    const organizations = new Map();
    const letters = new Map();
    const erasures = new Map();
    const keys = new Map();
    const revocations = [];
    let failuresLeft = 0;
    const answer = () => {
      if (failuresLeft > 0) { failuresLeft -= 1; throw new Error("users is down"); }
    };
    const permissions = ${JSON.stringify(permissionTable)};
    export default class extends WorkerEntrypoint {
      async fetch() { return Response.json({ status: "ok", checks: [] }); }
      async testGrant(userId, organizationId, role) { memberships.set(userId + " " + organizationId, role); }
      async testContact(contact) { contacts.set(contact.userId, contact); }
      /** Whom getErasure knows to be erased. */
      async testErasure(erasure) { erasures.set(erasure.userId, erasure); }
      /** What getLetter answers for one letter: a result. */
      async testLetter(letterId, result) { letters.set(letterId, result); }
      async testKey(key, found) { keys.set(key, found); }
      async testRevoke(subject, beforeMs = Date.now()) { revocations.push({ sequence: revocations.length + 1, subject, beforeMs }); }
      /** The next calls for contacts, letters and erasures fail, as when the worker is down. */
      async testDown(calls) { failuresLeft = calls; }
      async getJwks() { return { keys: [${JSON.stringify({ ...publicJwk, alg: "EdDSA", use: "sig" })}] }; }
      async getRevocations({ after }) { return revocations.filter(({ sequence }) => sequence > after); }
      async authenticateKey({ key }) { return keys.has(key) ? { ...keys.get(key), checkedAtMs: Date.now() } : null; }
      async authorize(call, { organizationId, permission }) {
        if (call.actor.kind === "system") return { ok: true, value: { organizationId, role: "owner" } };
        if (call.actor.kind === "api_key") {
          if (call.actor.organizationId !== organizationId) return { ok: false, error: { code: "users.organization_not_found", detail: "No such organization." } };
          if (!call.actor.scopes.includes(permission)) return { ok: false, error: { code: "auth.forbidden", detail: "The key's scopes do not allow this." } };
          return { ok: true, value: { organizationId, role: null } };
        }
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
      async getLetter(call, { letterId }) {
        answer();
        return letters.get(letterId) ?? { ok: false, error: { code: "users.letter_void", detail: "This letter is no longer needed." } };
      }
      async getErasure(call, { userId }) {
        answer();
        if (call.actor.kind !== "system") return { ok: false, error: { code: "auth.forbidden", detail: "Not for callers from outside." } };
        const value = erasures.get(userId);
        return value === undefined ? { ok: false, error: { code: "users.erasure_unknown", detail: "No such erasure." } } : { ok: true, value };
      }
      /** Names an organization from now on, and gives it a slug. */
      async testOrganization(organization) { organizations.set(organization.id, organization); }
      async getOrganizations(call, { organizationIds }) {
        return { ok: true, value: organizationIds.map((id) => organizations.get(id) ?? { id, name: "Organization " + id.slice(-4), slug: "organization-" + id.slice(-4) }) };
      }
      async findOrganization(call, { idOrSlug }) {
        answer();
        // Those of tests are called after the end of their id where they were not named.
        const members = [...memberships.keys()].map((key) => key.split(" ")[1]).filter((id) => !organizations.has(id));
        const known = [...organizations.values(), ...members.map((id) => ({ id, name: "Organization " + id.slice(-4), slug: "organization-" + id.slice(-4) }))];
        const value = known.find(({ id, slug }) => id === idOrSlug || slug === idOrSlug);
        const face = { description: "What we do.", website: null, contactEmail: null, ...value };
        return value === undefined ? { ok: false, error: { code: "users.organization_not_found", detail: "No such organization." } } : { ok: true, value: face };
      }
    }
  `,
};
