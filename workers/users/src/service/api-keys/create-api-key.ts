import type { KeyScope } from "@foyer/contracts/shared/permissions";
import { toRfc3339 } from "@foyer/kernel/clock";
import { randomSecret, sha256Hex } from "@foyer/kernel/encoding";
import { newId, type OrganizationId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { type ApiKey, formatKey, scopesBeyond } from "../../domain/api-key.ts";
import { note, type UsersCall } from "../call.ts";
import { manageOrganization, refuseWhileClosing } from "../organizations/manage-organization.ts";
import { untilStored } from "../until-stored.ts";
import { keyLimit } from "./failures.ts";

/** A key and its secret, which nobody can be told again. */
export interface NewApiKey {
  readonly apiKey: ApiKey;
  readonly secret: string;
}

/**
 * A new key of an organization. `users.scope_not_grantable` where it could do what its maker may not, `request.invalid` where it would have
 * ended already, `users.organization_closing`, `users.api_key_limit`.
 */
export async function createApiKey(
  deps: Deps,
  call: UsersCall,
  input: {
    readonly organizationId: OrganizationId;
    readonly name: string;
    readonly scopes: readonly KeyScope[];
    readonly expiresAtMs: number | null;
  },
): Promise<Result<NewApiKey>> {
  const { organizationId, name, scopes, expiresAtMs } = input;
  return untilStored(async () => {
    const managed = await manageOrganization(deps, call, { organizationId, permission: "apikeys.write" });
    if (!managed.ok) return managed;
    const { organization, by } = managed.value;
    const open = refuseWhileClosing(organization);
    if (!open.ok) return open;
    const nowMs = deps.clock.nowMs();
    const allowed = checkKey(by.role, scopes, expiresAtMs, nowMs);
    if (!allowed.ok) return allowed;

    const id = newId("apiKey", nowMs);
    const secret = randomSecret();
    const apiKey: ApiKey = {
      id,
      organizationId,
      name,
      scopes,
      createdBy: by.userId,
      createdAtMs: nowMs,
      rotatedAtMs: null,
      lastUsedAtMs: null,
      expiresAtMs,
      version: 1,
    };
    const after = { name, scopes, expiresAt: expiresAtMs === null ? null : toRfc3339(expiresAtMs) };
    const outcome = await deps.store.commit(
      [
        deps.members.mustStand(organizationId, [by]),
        deps.apiKeys.insert(apiKey, await sha256Hex(secret), limits.apiKeysPerOrganizationMax),
        note(deps, call, { action: "api_key.created", targetId: id, organizationId, after }, nowMs),
      ],
      ["member_changed", "key_limit"],
    );
    if (outcome === "member_changed") return "overtaken";
    return outcome === "key_limit" ? keyLimit : ok({ apiKey, secret: formatKey(id, secret) });
  });
}

function checkKey(
  role: Parameters<typeof scopesBeyond>[0],
  scopes: readonly KeyScope[],
  expiresAtMs: number | null,
  nowMs: number,
): Result<null> {
  const beyond = scopesBeyond(role, scopes);
  if (beyond.length > 0) {
    return fail("users.scope_not_grantable", "A key cannot do what you may not do yourself.", {
      errors: beyond.map((index) => ({
        path: `scopes.${index}`,
        code: "not_grantable",
        message: "You may not do this",
      })),
    });
  }
  if (expiresAtMs === null || expiresAtMs > nowMs) return ok(null);
  return fail("request.invalid", "Some fields are not valid; see errors.", {
    errors: [{ path: "expiresAt", code: "past", message: "Must be in the future" }],
  });
}
