import type { BaseAccount } from "../accounts.ts";
import type { Client } from "../clients.ts";
import type { Parameters } from "../parameters.ts";
import type { AuthorizationRules, ResponseMode } from "../profile.ts";
import type { ProviderState } from "../provider-state.ts";
import { Refusal } from "../refusal.ts";

/** Where the answer to a request goes. Known to belong to the client, or there would be none. */
export interface Recipient {
  readonly client: Client;
  readonly redirectUri: string;
  readonly state: string | null;
  readonly responseMode: ResponseMode;
}

/** A request that is in order. */
export interface AuthorizationRequest extends Recipient {
  readonly scopes: readonly string[];
  readonly nonce: string | null;
  readonly challenge: string | null;
}

/**
 * Reads who asks, and where the answer goes. What fails here is told to the person only: a redirect would make this
 * server the tool of whoever wrote the request (https://www.rfc-editor.org/rfc/rfc9700#section-4.11.2).
 */
export function readRecipient<A extends BaseAccount>(state: ProviderState<A>, parameters: Parameters): Recipient {
  const client = state.clients.get(parameters.required("client_id"));
  if (client === undefined) throw new Refusal("unknown_client", "The OAuth client was not found.");
  const redirectUri = parameters.required("redirect_uri");
  if (!client.redirectUris.has(redirectUri)) {
    throw new Refusal("redirect_uri_mismatch", `The redirect URI is not registered for this client: ${redirectUri}`);
  }
  const rules = state.profile.authorization;
  return {
    client,
    redirectUri,
    state: parameters.optional("state"),
    responseMode: readResponseMode(rules, parameters) ?? "query",
  };
}

/** Reads what is asked for, to the last parameter. */
export function readRequest<A extends BaseAccount>(
  { profile }: ProviderState<A>,
  recipient: Recipient,
  parameters: Parameters,
): AuthorizationRequest {
  const rules = profile.authorization;
  if (parameters.required("response_type") !== "code") {
    throw new Refusal("unsupported_response_type", "The response_type must be code");
  }
  if (readResponseMode(rules, parameters) === null) throw new Refusal("invalid_request", "Invalid response_mode");
  checkPrompt(rules, parameters);
  const scopes = readScopes(rules, parameters);
  if (recipient.responseMode !== "form_post" && rules.scopesToPost.some((scope) => scopes.includes(scope))) {
    throw new Refusal(
      "invalid_request",
      `response_mode must be form_post when ${rules.scopesToPost.join(" or ")} scope is requested.`,
    );
  }
  const challenge = readChallenge(recipient.client, parameters);
  // Where no ID token was asked for, nothing could carry the nonce: it is left unread, and so refused.
  const { idToken } = profile;
  const carriesNonce = idToken !== null && (idToken.scope === null || scopes.includes(idToken.scope));
  const nonce = carriesNonce ? parameters.optional("nonce") : null;
  parameters.end();
  return { ...recipient, scopes, nonce, challenge };
}

/** The mode that is asked for; null where it is none of this provider's. */
function readResponseMode<A extends BaseAccount>(
  { responseModes }: AuthorizationRules<A>,
  parameters: Parameters,
): ResponseMode | null {
  if (responseModes.length === 0) return "query"; // the parameter stays unread, and is refused with the unknown ones
  const asked = parameters.optional("response_mode") ?? "query";
  return responseModes.find((mode) => mode === asked) ?? null;
}

function checkPrompt<A extends BaseAccount>({ prompts }: AuthorizationRules<A>, parameters: Parameters): void {
  if (prompts.length === 0) return;
  const prompt = parameters.optional("prompt");
  if (prompt !== null && !prompts.includes(prompt)) throw new Refusal("invalid_request", `Invalid prompt: ${prompt}`);
}

function readScopes<A extends BaseAccount>(rules: AuthorizationRules<A>, parameters: Parameters): string[] {
  const text = rules.scopeRequired ? parameters.required("scope") : parameters.optional("scope");
  const asked = (text ?? "").split(rules.scopeSeparator).filter((name) => name !== "");
  const unknown = asked.find((name) => !Object.hasOwn(rules.scopes, name));
  if (unknown !== undefined) throw new Refusal("invalid_scope", `The requested scope is unknown: ${unknown}`);
  return [...new Set(asked.map((name) => rules.scopes[name] ?? name))];
}

/**
 * The S256 challenge; null where there is none and the client need not send one. `plain` is refused everywhere: whoever
 * sees the request could redeem the code (https://www.rfc-editor.org/rfc/rfc7636#section-7.2).
 */
function readChallenge(client: Client, parameters: Parameters): string | null {
  const method = parameters.optional("code_challenge_method");
  if (method === null && !client.pkceRequired && parameters.optional("code_challenge") === null) return null;
  const challenge = parameters.required("code_challenge");
  if (method !== "S256") throw new Refusal("invalid_request", "The code_challenge_method must be S256");
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge)) {
    throw new Refusal("invalid_request", "The code_challenge must be a SHA-256 hash in base64url");
  }
  return challenge;
}
