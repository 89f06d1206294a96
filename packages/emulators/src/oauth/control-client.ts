import type { AccountInput } from "./accounts.ts";
import { approve, type BrowserStep, type Choice } from "./browser.ts";
import type { TokenEffect } from "./control/faults.ts";
import type { OAuthState } from "./control/state.ts";
import type { IdTokenProviderName, ProviderName } from "./provider-names.ts";
import { type ClientSettings, clientSettingsSchema, type OAuthSettings, oauthSettings } from "./settings.ts";

export interface TokenFaultOptions {
  /** How many answers it hits, 1 where left out. */
  readonly count?: number;
  /** How long a "slow" call takes, a moment where left out; how long a "timeout" lasts, a minute where left out. */
  readonly delayMs?: number;
}

/** Orders damage. */
export interface OAuthFaults {
  /** Spoils the next answers of a token endpoint. */
  readonly token: (provider: ProviderName, effect: TokenEffect, options?: TokenFaultOptions) => Promise<void>;
  /** Takes back whatever has not struck yet. */
  readonly clear: () => Promise<void>;
}

/** An application to register beside the one that is there from the start, such as an attacker's. */
export interface ClientRegistration {
  readonly redirectUris: readonly string[];
  /** Whether a request without a challenge is refused; it is where left out. */
  readonly pkceRequired?: boolean;
}

/** What a test, the demo or a developer may do with the running providers beside signing in. */
export interface OAuthControl {
  /** `http://127.0.0.1:<port>`, without a slash at the end; each provider is below it. */
  readonly url: string;
  readonly faults: OAuthFaults;
  /** What the users worker is configured with. */
  readonly settings: () => Promise<OAuthSettings>;
  readonly state: () => Promise<OAuthState>;
  /** Adds an account, or replaces the one with its id; whom it had allowed is forgotten. */
  readonly addAccount: <P extends ProviderName>(provider: P, account: AccountInput<P>) => Promise<void>;
  readonly addClient: (provider: ProviderName, registration: ClientRegistration) => Promise<ClientSettings>;
  /** Plays the browser and its person from an authorization request to the way back; see {@link approve}. */
  readonly approve: (authorizationUrl: string, choice?: Choice) => Promise<BrowserStep>;
  /** Signs with a new key from here on; the one before stays published until the next rotation. */
  readonly rotateKeys: (provider: IdTokenProviderName) => Promise<void>;
  /** Lets the time of every open code run out now. */
  readonly expireCodes: () => Promise<void>;
  /** Forgets everything but the first client of each provider, its default account and its keys. */
  readonly reset: () => Promise<void>;
}

/** The control over the providers at this address, which may run in another process. */
export function createOAuthControl(url: string): OAuthControl {
  const send = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${url}/_emulator${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} /_emulator${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  const post = async (path: string, body?: unknown): Promise<void> => {
    await send("POST", path, body);
  };
  return {
    url,
    faults: {
      token: (provider, effect, options = {}) => post("/faults", { provider, effect, ...options }),
      clear: async () => {
        await send("DELETE", "/faults");
      },
    },
    settings: () => oauthSettings(url),
    // Both ends are this package: what readState returns is what arrives.
    state: async () => (await send("GET", "/state")) as OAuthState,
    addAccount: (provider, account) => post("/accounts", { provider, account }),
    addClient: async (provider, registration) =>
      clientSettingsSchema.parse(await send("POST", "/clients", { provider, ...registration })),
    approve: async (authorizationUrl, choice = {}) => {
      if (!authorizationUrl.startsWith(`${url}/`)) throw new Error(`not an address here: ${authorizationUrl}`);
      return approve(authorizationUrl, choice);
    },
    rotateKeys: (provider) => post("/keys/rotate", { provider }),
    expireCodes: () => post("/codes/expire"),
    reset: () => post("/reset"),
  };
}
