import { requireSystem } from "@foyer/auth/guards";
import { type CallContext, callContextSchema } from "@foyer/contracts/shared/actor";
import { permissions } from "@foyer/contracts/shared/permissions";
import { idSchema } from "@foyer/contracts/shared/schemas";
import type { AuthenticatedKey, Revocation, UsersRpc } from "@foyer/contracts/users/rpc";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Deps } from "./deps.ts";
import { authenticateKey as authenticate } from "./service/api-keys/authenticate-key.ts";
import { getErasure as readErasure } from "./service/erasure/get-erasure.ts";
import { getLetter as readLetter } from "./service/letters/get-letter.ts";
import { authorize as decide } from "./service/organizations/authorize.ts";

const authorizeInput = z.object({ organizationId: idSchema("organization"), permission: z.enum(permissions) });
const contactsInput = z.object({ userIds: z.array(idSchema("user")).max(limits.idsPerCallMax) });
const erasureInput = z.object({ userId: idSchema("user") });
const letterInput = z.object({ letterId: idSchema("letter") });
const organizationsInput = z.object({ organizationIds: z.array(idSchema("organization")).max(limits.idsPerCallMax) });
const organizationAddressInput = z.object({ idOrSlug: z.string().min(1).max(limits.slugCharsMax) });
const revocationsInput = z.object({ after: z.int().min(0) });
const keyInput = z.object({ key: z.string().max(limits.opaqueTokenCharsMax) });

/** Parses what a peer sent: versions of workers are deployed one after the other. */
function parse<T>(schema: z.ZodType<T>, call: unknown, input: unknown): Result<{ call: CallContext; input: T }> {
  const context = callContextSchema.safeParse(call);
  const parsed = schema.safeParse(input);
  if (context.success && parsed.success) return ok({ call: context.data, input: parsed.data });
  return fail("request.invalid", "Not a call that this version understands.");
}

/** As {@link parse}, for what no person may ask. */
function parseOfSystem<T>(schema: z.ZodType<T>, call: unknown, input: unknown): Result<T> {
  const parsed = parse(schema, call, input);
  if (!parsed.ok) return parsed;
  const allowed = requireSystem(parsed.value.call.actor);
  return allowed.ok ? ok(parsed.value.input) : allowed;
}

/** {@link UsersRpc.authorize} */
export async function authorize(
  deps: Deps,
  ...[call, input]: Parameters<UsersRpc["authorize"]>
): ReturnType<UsersRpc["authorize"]> {
  const parsed = parse(authorizeInput, call, input);
  return parsed.ok ? decide(deps, parsed.value.call, parsed.value.input) : parsed;
}

/** {@link UsersRpc.getRevocations} */
export async function getRevocations(deps: Deps, input: unknown): Promise<readonly Revocation[]> {
  return deps.revocations.listAfter(revocationsInput.parse(input).after, limits.revocationsPerPageMax);
}

/** {@link UsersRpc.authenticateKey} */
export async function authenticateKey(deps: Deps, input: unknown): Promise<AuthenticatedKey | null> {
  const parsed = keyInput.safeParse(input);
  return parsed.success ? authenticate(deps, parsed.data) : null;
}

/** {@link UsersRpc.getContacts} */
export async function getContacts(
  deps: Deps,
  ...[call, input]: Parameters<UsersRpc["getContacts"]>
): ReturnType<UsersRpc["getContacts"]> {
  const parsed = parseOfSystem(contactsInput, call, input);
  if (!parsed.ok) return parsed;
  const users = await deps.users.listByIds(parsed.value.userIds);
  return ok(
    users.map(({ id, email, name, emailVerifiedAtMs }) => ({
      userId: id,
      email,
      name,
      emailVerified: emailVerifiedAtMs !== null,
    })),
  );
}

/** {@link UsersRpc.getErasure} */
export async function getErasure(
  deps: Deps,
  ...[call, input]: Parameters<UsersRpc["getErasure"]>
): ReturnType<UsersRpc["getErasure"]> {
  const parsed = parseOfSystem(erasureInput, call, input);
  return parsed.ok ? readErasure(deps, parsed.value) : parsed;
}

/** {@link UsersRpc.getLetter} */
export async function getLetter(
  deps: Deps,
  ...[call, input]: Parameters<UsersRpc["getLetter"]>
): ReturnType<UsersRpc["getLetter"]> {
  const parsed = parseOfSystem(letterInput, call, input);
  return parsed.ok ? readLetter(deps, parsed.value) : parsed;
}

/** {@link UsersRpc.getOrganizations} */
export async function getOrganizations(
  deps: Deps,
  ...[call, input]: Parameters<UsersRpc["getOrganizations"]>
): ReturnType<UsersRpc["getOrganizations"]> {
  const parsed = parse(organizationsInput, call, input);
  return parsed.ok ? ok(await deps.organizations.listByIds(parsed.value.input.organizationIds)) : parsed;
}

/** {@link UsersRpc.findOrganization} */
export async function findOrganization(
  deps: Deps,
  ...[call, input]: Parameters<UsersRpc["findOrganization"]>
): ReturnType<UsersRpc["findOrganization"]> {
  const parsed = parse(organizationAddressInput, call, input);
  if (!parsed.ok) return parsed;
  const found = await deps.organizations.findPublic(parsed.value.input.idOrSlug);
  return found === null ? fail("users.organization_not_found", "No such organization.") : ok(found);
}
