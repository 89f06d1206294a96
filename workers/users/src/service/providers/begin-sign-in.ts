import { requireFresh, requireSelf } from "@foyer/auth/guards";
import type { ProviderName } from "@foyer/contracts/users/api/providers";
import type { SessionMode } from "@foyer/contracts/users/api/sessions";
import { secondMs } from "@foyer/kernel/clock";
import { randomSecret, sha256Hex } from "@foyer/kernel/encoding";
import type { UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { OAuthFlow } from "../../domain/oauth-flow.ts";
import type { UsersCall } from "../call.ts";
import { flowSecrets } from "./flow-secrets.ts";

export interface SignInRequest {
  readonly provider: ProviderName;
  readonly redirectUri: string;
  readonly intent: OAuthFlow["intent"];
  readonly mode: SessionMode;
  readonly codeChallenge?: string | undefined;
}

/** A sign-in that is under way. */
export interface BegunSignIn {
  readonly authorizationUrl: string;
  /** What the browser is to keep and show later; null where the client has a verifier for that. */
  readonly browserSecret: string | null;
}

/**
 * Begins a sign-in at a provider, or the linking of an identity to the caller's own account, which asks for a fresh proof and a verified
 * address. `users.provider_unknown`, `users.redirect_not_allowed`, `users.email_not_verified`.
 */
export async function beginSignIn(deps: Deps, call: UsersCall, input: SignInRequest): Promise<Result<BegunSignIn>> {
  const linker = input.intent === "link" ? await requireLinker(deps, call) : ok(null);
  if (!linker.ok) return linker;
  const provider = deps.identityProviders.find(input.provider);
  if (provider === null) return fail("users.provider_unknown", "Nobody can sign in by this provider here.");
  if (!deps.identityProviders.mayEndAt(input.redirectUri)) {
    return fail("users.redirect_not_allowed", "Sign-ins end at the addresses of this deployment's list only.", {
      errors: [{ path: "redirectUri", code: "not_allowed", message: "Not on the list, letter by letter" }],
    });
  }
  const state = deps.identityProviders.newState();
  const codeChallenge = input.codeChallenge ?? null;
  const browserSecret = codeChallenge === null ? randomSecret() : null;
  const flow: OAuthFlow = {
    stateHash: await sha256Hex(state),
    provider: input.provider,
    intent: input.intent,
    userId: linker.value,
    redirectUri: input.redirectUri,
    mode: input.mode,
    browserHash: browserSecret === null ? "" : await sha256Hex(browserSecret),
    codeChallenge,
    expiresAtMs: deps.clock.nowMs() + limits.oauthFlowTtlSeconds * secondMs,
  };
  await deps.store.commit([deps.oauthFlows.insert(flow)]);
  return ok({ authorizationUrl: provider.authorizationUrl(await flowSecrets(deps, state)), browserSecret });
}

async function requireLinker(deps: Deps, call: UsersCall): Promise<Result<UserId>> {
  const actor = requireSelf(call.actor);
  if (!actor.ok) return actor;
  const fresh = requireFresh(actor.value, deps.clock.nowMs());
  if (!fresh.ok) return fresh;
  const user = await deps.users.findById(actor.value.userId);
  if (user === null) return fail("auth.invalid_token", "This account exists no more.");
  // Whoever proves an unverified address later drops what was left in the account before.
  if (user.emailVerifiedAtMs === null) return fail("users.email_not_verified", "Verify your address first.");
  return ok(user.id);
}
