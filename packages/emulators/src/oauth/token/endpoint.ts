import { setTimeout as sleep } from "node:timers/promises";
import { required } from "@foyer/kernel/assert";
import { emulatorLimits } from "../../limits.ts";
import type { LocalAnswer, LocalReply, LocalRequest } from "../../server/local-server.ts";
import type { BaseAccount } from "../accounts.ts";
import { formParameters } from "../parameters.ts";
import type { ProviderState } from "../provider-state.ts";
import { Refusal } from "../refusal.ts";
import { authenticateClient } from "./client-authentication.ts";
import { makeIdToken } from "./id-token.ts";

/** How long a "slow" call takes where the fault does not say. */
const slowMsDefault = 250;

/** What stands before a provider when it fails speaks no JSON. */
const failure: LocalAnswer = {
  status: 500,
  headers: { "content-type": "text/html; charset=utf-8" },
  body: "<!doctype html><title>500</title><h1>Something went wrong on our end.</h1>",
};

/** Answers the token endpoint: ordered faults, then who asks, then what for. */
export async function answerToken<A extends BaseAccount>(
  state: ProviderState<A>,
  request: LocalRequest,
): Promise<LocalReply> {
  const fault = state.faults.takeCall(state.profile.name);
  switch (fault?.effect) {
    case "500":
      return failure;
    case "timeout":
      return { silence: true, forMs: fault.delayMs ?? emulatorLimits.silenceMsMax };
    case "slow":
      // Stopping ends the wait early; the connection is being cut anyway.
      await sleep(fault.delayMs ?? slowMsDefault, undefined, { signal: state.stopped }).catch(() => undefined);
      return exchange(state, request);
    case undefined:
      return exchange(state, request);
  }
}

async function exchange<A extends BaseAccount>(state: ProviderState<A>, request: LocalRequest): Promise<LocalAnswer> {
  const { profile } = state;
  try {
    if (request.query.size > 0) throw new Refusal("invalid_request", "Parameters belong into the body");
    const parameters = formParameters(request);
    const client = await authenticateClient(state, request, parameters);
    const grantType = profile.token.grantTypeRequired
      ? parameters.required("grant_type")
      : (parameters.optional("grant_type") ?? "authorization_code");
    if (grantType !== "authorization_code") {
      throw new Refusal("unsupported_grant_type", `Unsupported grant_type: ${grantType}`);
    }
    const code = parameters.required("code");
    const redirectUri = parameters.required("redirect_uri");
    const verifier = parameters.optional("code_verifier");
    parameters.end();

    const { grant, accessToken } = state.grants.redeem(code, { clientId: client.clientId, redirectUri, verifier });
    const { scopes, nonce } = grant;
    const account = required(state.accounts.get(grant.accountId), "accounts are replaced, never removed");
    const nowSeconds = Math.floor(state.clock.nowMs() / 1_000);
    const rules = profile.idToken;
    const wanted = rules !== null && (rules.scope === null || scopes.includes(rules.scope));
    const facts = { account, clientId: client.clientId, scopes, accessToken, nowSeconds };
    const idToken = wanted ? await makeIdToken(state, rules, facts, nonce) : null;
    return profile.token.answer(request, { accessToken, scopes, idToken });
  } catch (error) {
    if (error instanceof Refusal) return profile.token.refuse(request, error);
    throw error;
  }
}
