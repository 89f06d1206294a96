import { requireSystem } from "@foyer/auth/guards";
import { type CallContext, callContextSchema } from "@foyer/contracts/shared/actor";
import { permissions } from "@foyer/contracts/shared/permissions";
import { idSchema } from "@foyer/contracts/shared/schemas";
import type { UsersRpc } from "@foyer/contracts/users/rpc";
import { toRfc3339 } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Deps } from "./deps.ts";
import { authorize as decide } from "./service/authorize.ts";

const authorizeInput = z.object({ organizationId: idSchema("organization"), permission: z.enum(permissions) });
const contactsInput = z.object({ userIds: z.array(idSchema("user")).max(limits.idsPerCallMax) });
const tokenInput = z.object({ tokenId: idSchema("token") });
const organizationsInput = z.object({ organizationIds: z.array(idSchema("organization")).max(limits.idsPerCallMax) });

/** Parses what a peer sent: versions of workers are deployed one after the other. */
function parse<T>(schema: z.ZodType<T>, call: unknown, input: unknown): Result<{ call: CallContext; input: T }> {
  const context = callContextSchema.safeParse(call);
  const parsed = schema.safeParse(input);
  if (context.success && parsed.success) return ok({ call: context.data, input: parsed.data });
  return fail("request.invalid", "Not a call that this version understands.");
}

/** {@link UsersRpc.authorize} */
export async function authorize(
  deps: Deps,
  ...[call, input]: Parameters<UsersRpc["authorize"]>
): ReturnType<UsersRpc["authorize"]> {
  const parsed = parse(authorizeInput, call, input);
  return parsed.ok ? decide(deps, parsed.value.call, parsed.value.input) : parsed;
}

/** {@link UsersRpc.getContacts} */
export async function getContacts(
  deps: Deps,
  ...[call, input]: Parameters<UsersRpc["getContacts"]>
): ReturnType<UsersRpc["getContacts"]> {
  const parsed = parse(contactsInput, call, input);
  if (!parsed.ok) return parsed;
  const allowed = requireSystem(parsed.value.call.actor);
  if (!allowed.ok) return allowed;
  const users = await deps.users.listByIds(parsed.value.input.userIds);
  return ok(
    users.map(({ id, email, name, emailVerifiedAtMs }) => ({
      userId: id,
      email,
      name,
      emailVerified: emailVerifiedAtMs !== null,
    })),
  );
}

/** {@link UsersRpc.getSingleUseToken} */
export async function getSingleUseToken(
  deps: Deps,
  ...[call, input]: Parameters<UsersRpc["getSingleUseToken"]>
): ReturnType<UsersRpc["getSingleUseToken"]> {
  const parsed = parse(tokenInput, call, input);
  if (!parsed.ok) return parsed;
  const allowed = requireSystem(parsed.value.call.actor);
  if (!allowed.ok) return allowed;
  const token = await deps.singleUseTokens.findUsable(parsed.value.input.tokenId, deps.clock.nowMs());
  if (token === null) return fail("users.token_invalid", "This link was used, replaced, or has expired.");
  return ok({
    token: await deps.linkSecrets.secretOf(token.purpose, token.id),
    purpose: token.purpose,
    userId: token.userId,
    expiresAt: toRfc3339(token.expiresAtMs),
  });
}

/** {@link UsersRpc.getOrganizations} */
export async function getOrganizations(
  deps: Deps,
  ...[call, input]: Parameters<UsersRpc["getOrganizations"]>
): ReturnType<UsersRpc["getOrganizations"]> {
  const parsed = parse(organizationsInput, call, input);
  return parsed.ok ? ok(await deps.organizations.listByIds(parsed.value.input.organizationIds)) : parsed;
}
