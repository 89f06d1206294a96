import { assert } from "@foyer/kernel/assert";
import { emulatorLimits } from "../limits.ts";
import { jsonAnswer, type LocalAnswer, type LocalReply, type LocalRequest } from "../server/local-server.ts";
import type { BaseAccount } from "./accounts.ts";
import { askConsent, consentPath, takeChoice } from "./authorize/endpoint.ts";
import { type Client, newSecretCredential, newSignedCredential } from "./clients.ts";
import { gitHubApiPath } from "./github-api.ts";
import type { GrantState } from "./grants.ts";
import type { ProviderName } from "./provider-names.ts";
import type { ProviderState } from "./provider-state.ts";
import type { ClientSettings } from "./settings.ts";
import { answerToken } from "./token/endpoint.ts";

/** An application to register. */
export interface Registration {
  readonly redirectUris: readonly string[];
  readonly pkceRequired: boolean;
}

/** What one provider holds, oldest first. Secrets are left out. */
export interface ProviderSnapshot {
  readonly accounts: readonly BaseAccount[];
  readonly grants: readonly GrantState[];
}

/** A running provider, whatever its accounts are made of. */
export interface Provider {
  readonly name: ProviderName;
  /** Answers a request; `path` is below its base. */
  readonly answer: (request: LocalRequest, path: string) => LocalReply | Promise<LocalReply>;
  /** Adds an account, or replaces the one with its id; whom it had allowed is forgotten. Throws where it is none. */
  readonly putAccount: (account: unknown) => BaseAccount;
  readonly addClient: (registration: Registration) => ClientSettings;
  /** Settings of the client that is there from the start. */
  readonly settings: () => ClientSettings;
  readonly rotateKeys: () => Promise<void>;
  readonly expireCodes: () => void;
  readonly snapshot: () => ProviderSnapshot;
  /** Forgets everything but the first client, the default account and the keys. */
  readonly reset: () => void;
}

/** Puts a provider together. `more` answers what only this one has, and null where it has no such path either. */
export function createProvider<A extends BaseAccount>(
  state: ProviderState<A>,
  redirectUris: readonly string[],
  more: (request: LocalRequest, path: string) => LocalAnswer | null = () => null,
): Provider {
  const { profile } = state;
  const own = newClient(state, { redirectUris, pkceRequired: true });
  const reset = (): void => {
    for (const known of [state.accounts, state.clients, state.consents, state.openConsents]) known.clear();
    state.grants.clear();
    state.accounts.set(profile.defaultAccount.id, profile.defaultAccount);
    state.clients.set(own.clientId, own);
  };
  reset();
  const routes = routesOf(state);

  return {
    name: profile.name,
    answer: (request, path) => {
      const route = routes.get(path);
      if (route === undefined) return more(request, path) ?? noSuchPath(request);
      if (route.method !== request.method) {
        return jsonAnswer(405, { error: "method_not_allowed" }, { allow: route.method });
      }
      return route.answer(request);
    },
    putAccount: (value) => {
      const account = profile.accountSchema.parse(value);
      state.accounts.set(account.id, account);
      state.consents.delete(account.id);
      return account;
    },
    addClient: (registration) => {
      const client = newClient(state, registration);
      state.clients.set(client.clientId, client);
      return settingsOf(state, client);
    },
    settings: () => settingsOf(state, own),
    rotateKeys: () => state.keys.rotate(),
    expireCodes: () => state.grants.expireCodes(),
    snapshot: () => ({ accounts: [...state.accounts.values()], grants: state.grants.list() }),
    reset,
  };
}

interface Route {
  readonly method: string;
  readonly answer: (request: LocalRequest) => LocalReply | Promise<LocalReply>;
}

function routesOf<A extends BaseAccount>(state: ProviderState<A>): ReadonlyMap<string, Route> {
  const { profile } = state;
  const { authorize, token, metadata } = profile.paths;
  const routes = new Map<string, Route>([
    [authorize, { method: "GET", answer: (request) => askConsent(state, request) }],
    [consentPath, { method: "POST", answer: (request) => takeChoice(state, request) }],
    [token, { method: "POST", answer: (request) => answerToken(state, request) }],
    [metadata, { method: "GET", answer: (request) => document(request, metadataOf(state)) }],
  ]);
  const rules = profile.idToken;
  if (rules !== null) {
    const answer = async (request: LocalRequest): Promise<LocalAnswer> => {
      const keys = await state.keys.published();
      return document(request, { keys: keys.map((jwk) => rules.publishedKey(jwk, state.base())) });
    };
    routes.set(rules.jwksPath, { method: "GET", answer });
  }
  return routes;
}

/** A document that everybody may read and keep for an hour. It takes no parameters. */
function document(request: LocalRequest, value: object): LocalAnswer {
  if (request.query.size > 0) return jsonAnswer(400, { error: "invalid_request" });
  return jsonAnswer(200, value, { "cache-control": "public, max-age=3600" });
}

function noSuchPath(request: LocalRequest): LocalAnswer {
  return jsonAnswer(404, { error: "not_found", error_description: `There is no ${request.method} ${request.path}.` });
}

/** As https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderMetadata and RFC 8414 describe a provider. */
function metadataOf<A extends BaseAccount>(state: ProviderState<A>): object {
  const { profile } = state;
  const base = state.base();
  const { responseModes } = profile.authorization;
  return {
    issuer: profile.issuer(base),
    authorization_endpoint: `${base}${profile.paths.authorize}`,
    token_endpoint: `${base}${profile.paths.token}`,
    response_types_supported: ["code"],
    response_modes_supported: responseModes.length === 0 ? ["query"] : responseModes,
    grant_types_supported: ["authorization_code"],
    scopes_supported: Object.keys(profile.authorization.scopes),
    token_endpoint_auth_methods_supported: profile.token.clientAuthentication,
    code_challenge_methods_supported: ["S256"],
    ...(profile.idToken === null
      ? {}
      : {
          jwks_uri: `${base}${profile.idToken.jwksPath}`,
          subject_types_supported: [profile.name === "microsoft" ? "pairwise" : "public"],
          id_token_signing_alg_values_supported: ["RS256"],
        }),
  };
}

function newClient<A extends BaseAccount>({ profile }: ProviderState<A>, registration: Registration): Client {
  const { redirectUris, pkceRequired } = registration;
  assert(redirectUris.length > 0, `a client of ${profile.name} needs a redirect URI`);
  assert(redirectUris.length <= emulatorLimits.redirectUrisMax, "a client has too many redirect URIs");
  for (const uri of redirectUris) {
    assert(URL.canParse(uri) && !uri.includes("#"), `not an absolute URI without a fragment: ${uri}`);
  }
  return {
    clientId: profile.newClientId(),
    credential: profile.signedClients ? newSignedCredential() : newSecretCredential(),
    redirectUris: new Set(redirectUris),
    pkceRequired,
  };
}

function settingsOf<A extends BaseAccount>(state: ProviderState<A>, client: Client): ClientSettings {
  const { profile } = state;
  const base = state.base();
  const { credential } = client;
  return {
    settings: {
      clientId: client.clientId,
      authorizationEndpoint: `${base}${profile.paths.authorize}`,
      tokenEndpoint: `${base}${profile.paths.token}`,
      issuer: profile.issuer(base),
      ...(profile.idToken === null ? {} : { jwksUri: `${base}${profile.idToken.jwksPath}` }),
      ...(profile.name === "github" ? { apiUrl: `${base}${gitHubApiPath}` } : {}),
      ...(credential.kind === "signed" ? { teamId: credential.teamId, keyId: credential.keyId } : {}),
    },
    secret: credential.kind === "signed" ? credential.privatePem : credential.secret,
  };
}
