import { randomSecret } from "@foyer/kernel/encoding";
import { emulatorLimits } from "../../limits.ts";
import { redirectTo } from "../../server/html.ts";
import type { LocalAnswer, LocalRequest } from "../../server/local-server.ts";
import type { BaseAccount } from "../accounts.ts";
import { formParameters, Parameters } from "../parameters.ts";
import type { ProviderState } from "../provider-state.ts";
import { Refusal } from "../refusal.ts";
import { consentPage, formPostPage, refusalPage } from "./pages.ts";
import { type AuthorizationRequest, type Recipient, readRecipient, readRequest } from "./request.ts";

/** Below each provider's base: where the page that asks for consent posts the choice to. */
export const consentPath = "/consent";

/** Answers an authorization request with the page that asks for consent, or says what is wrong with it. */
export function askConsent<A extends BaseAccount>(state: ProviderState<A>, { query }: LocalRequest): LocalAnswer {
  const { profile, openConsents } = state;
  let recipient: Recipient | null = null;
  try {
    const parameters = new Parameters(query);
    recipient = readRecipient(state, parameters);
    const request = readRequest(state, recipient, parameters);
    const [oldest] = openConsents.keys();
    if (oldest !== undefined && openConsents.size >= emulatorLimits.consentsOpenMax) openConsents.delete(oldest);
    const name = randomSecret();
    openConsents.set(name, { request, expiresAtMs: state.clock.nowMs() + emulatorLimits.consentTtlMs });
    return consentPage({
      title: profile.title,
      clientId: request.client.clientId,
      redirectUri: request.redirectUri,
      scopes: request.scopes,
      accounts: state.accounts.values(),
      action: `${state.base()}${consentPath}`,
      request: name,
    });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (recipient === null || profile.authorization.refusals === "page") return refusalPage(profile.title, error);
    return sendBack(state, recipient, { error: error.code, error_description: error.message });
  }
}

/** Takes the choice that was made on the page, once, and sends the person back to the client. */
export function takeChoice<A extends BaseAccount>(state: ProviderState<A>, request: LocalRequest): LocalAnswer {
  try {
    const form = formParameters(request);
    const name = form.required("request");
    const accountId = form.optional("account");
    const denied = form.optional("deny") !== null;
    form.end();
    const open = state.openConsents.get(name);
    if (open === undefined || open.expiresAtMs <= state.clock.nowMs()) {
      throw new Refusal("invalid_request", "This page has expired, or the choice was made already.");
    }
    if (denied && accountId === null) {
      state.openConsents.delete(name);
      return sendBack(state, open.request, state.profile.authorization.denied);
    }
    const account = denied || accountId === null ? undefined : state.accounts.get(accountId);
    if (account === undefined) throw new Refusal("invalid_request", `There is no account ${accountId}.`);
    state.openConsents.delete(name);
    return grant(state, open.request, account);
  } catch (error) {
    if (error instanceof Refusal) return refusalPage(state.profile.title, error);
    throw error;
  }
}

function grant<A extends BaseAccount>(state: ProviderState<A>, request: AuthorizationRequest, account: A): LocalAnswer {
  const { client, redirectUri, scopes, nonce, challenge } = request;
  const { granted, firstGranted } = state.profile.authorization;
  const allowed = state.consents.get(account.id) ?? new Set();
  const isFirst = !allowed.has(client.clientId);
  state.consents.set(account.id, allowed.add(client.clientId));
  const accountId = account.id;
  const code = state.grants.issue({ clientId: client.clientId, accountId, redirectUri, scopes, nonce, challenge });
  return sendBack(state, request, {
    code,
    ...granted(account, scopes),
    ...(isFirst ? firstGranted(account, scopes) : {}),
  });
}

/** Answers the client by way of the browser. */
function sendBack<A extends BaseAccount>(
  state: ProviderState<A>,
  recipient: Recipient,
  answer: Readonly<Record<string, string>>,
): LocalAnswer {
  const { profile } = state;
  const { namesIssuer, fragment } = profile.authorization;
  const fields = {
    ...answer,
    ...(recipient.state === null ? {} : { state: recipient.state }),
    ...(namesIssuer ? { iss: profile.issuer(state.base()) } : {}),
  };
  if (recipient.responseMode === "form_post") return formPostPage(recipient.redirectUri, fields);
  const url = new URL(recipient.redirectUri);
  for (const [name, value] of Object.entries(fields)) url.searchParams.append(name, value);
  url.hash = fragment;
  return redirectTo(url.href, 302);
}
