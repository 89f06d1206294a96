import type { ProviderName } from "@foyer/contracts/users/api/providers";
import { secondMs } from "@foyer/kernel/clock";
import { randomSecret, sha256Hex } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { mayReturn, type OAuthFlow, type ReturnError, returnAddress, returnErrorOf } from "../../domain/oauth-flow.ts";
import { flowSecrets } from "./flow-secrets.ts";

/** What came to a provider's own address here, by whichever way. */
export interface ProviderAnswer {
  readonly provider: ProviderName;
  readonly state?: string | undefined;
  readonly code?: string | undefined;
  readonly error?: string | undefined;
  readonly iss?: string | undefined;
  readonly user?: string | undefined;
  /** What the browser keeps of a flow. */
  readonly browserSecret: string | undefined;
}

/** Where the browser goes on. */
export interface TakenAnswer {
  readonly location: string;
  /** Whether there is nothing left to redeem. */
  readonly isOver: boolean;
}

const notOurs = fail(
  "users.oauth_state_invalid",
  "This sign-in was not begun in this browser, or it has ended; begin anew.",
);

/**
 * Takes a provider's answer: finds out whom it names, keeps that for a minute under a one-time code, and sends the browser to the
 * client's address with the code. Nobody is signed in yet. What went wrong at the provider is told there as `error`, in our words.
 * `users.oauth_state_invalid`, and nobody is sent anywhere, for a state that is unknown, used, expired, or another provider's, for another
 * browser, and for an answer that names another issuer.
 */
export async function takeAnswer(deps: Deps, answer: ProviderAnswer): Promise<Result<TakenAnswer>> {
  const provider = deps.identityProviders.find(answer.provider);
  if (provider === null) return fail("users.provider_unknown", "Nobody can sign in by this provider here.");
  const { state, iss, browserSecret } = answer;
  if (state === undefined || (iss !== undefined && !provider.isIssuer(iss))) return notOurs;
  const nowMs = deps.clock.nowMs();
  const [flow, browserHash] = await Promise.all([
    sha256Hex(state).then((hash) => deps.oauthFlows.findOpen(hash, nowMs)),
    browserSecret === undefined ? null : sha256Hex(browserSecret),
  ]);
  if (flow === null || flow.provider !== answer.provider || !mayReturn(flow, browserHash)) return notOurs;
  if (!(await deps.oauthFlows.takeAnswer(flow.stateHash, nowMs))) return notOurs;

  if (answer.error !== undefined) return ok(end(deps, flow, returnErrorOf(answer.error)));
  if (answer.code === undefined) return ok(end(deps, flow, "provider_refused"));
  const { verifier, nonce } = await flowSecrets(deps, state);
  const identified = await provider.identify({ code: answer.code, verifier, nonce, user: answer.user });
  if (!identified.ok) {
    const isTheirs = identified.error.code === "users.provider_unavailable";
    return ok(end(deps, flow, isTheirs ? "provider_unavailable" : "provider_refused"));
  }
  const code = randomSecret();
  const codeExpiresAtMs = deps.clock.nowMs() + limits.oauthCodeTtlSeconds * secondMs;
  const kept = deps.oauthFlows.keep(flow.stateHash, identified.value, await sha256Hex(code), codeExpiresAtMs);
  await deps.store.commit([kept]);
  deps.metrics.count("users.provider", { provider: flow.provider, outcome: "identified" });
  return ok({ location: returnAddress(flow.redirectUri, { code }), isOver: false });
}

function end(deps: Pick<Deps, "metrics">, flow: OAuthFlow, error: ReturnError): TakenAnswer {
  deps.metrics.count("users.provider", { provider: flow.provider, outcome: error });
  return { location: returnAddress(flow.redirectUri, { error }), isOver: true };
}
