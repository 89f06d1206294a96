import { createEmulator } from "emulate";
import { unescapeHtml } from "../server/html.ts";
import type { OAuthSettings } from "./settings.ts";

/** Emulate's own Google and GitHub, with one client and one account each. */
export interface SecondOpinion {
  readonly settings: {
    readonly providers: Pick<OAuthSettings["providers"], "google" | "github">;
    readonly secrets: Pick<OAuthSettings["secrets"], "google" | "github">;
  };
  /** Plays the browser and the person with this address: where it is sent on to. */
  readonly approve: (authorizationUrl: string, email: string) => Promise<string>;
  readonly stop: () => Promise<void>;
}

const host = "127.0.0.1";

/**
 * Starts what others have made of Google's and GitHub's documentation. They are lenient, so a client that they refuse is wrong, and one
 * that they take has proved nothing but that ours are not the only providers that it understands.
 */
export async function startSecondOpinion(options: {
  readonly callbackBaseUrl: string;
  readonly account: { readonly email: string; readonly name: string };
}): Promise<SecondOpinion> {
  const { callbackBaseUrl, account } = options;
  const clientOf = (provider: string) => ({
    client_id: `foyer-at-${provider}`,
    client_secret: crypto.randomUUID(),
    name: "Foyer",
    redirect_uris: [`${callbackBaseUrl}/v1/auth/oauth/${provider}/callback`],
  });
  const [googleClient, gitHubClient] = [clientOf("google"), clientOf("github")];
  const google = await createEmulator({
    service: "google",
    port: 0,
    hostname: host,
    seed: { google: { users: [account], oauth_clients: [googleClient] } },
  });
  const github = await createEmulator({
    service: "github",
    port: 0,
    hostname: host,
    seed: { github: { users: [{ ...account, login: "guest" }], oauth_apps: [gitHubClient] } },
  });
  // They name themselves "localhost", which may resolve to an address that they do not listen on.
  const addressOf = ({ url }: { readonly url: string }): string => `http://${host}:${new URL(url).port}`;
  const [googleUrl, gitHubUrl] = [addressOf(google), addressOf(github)];

  return {
    settings: {
      providers: {
        google: {
          clientId: googleClient.client_id,
          authorizationEndpoint: `${googleUrl}/o/oauth2/v2/auth`,
          tokenEndpoint: `${googleUrl}/oauth2/token`,
          issuer: google.url,
          jwksUri: `${googleUrl}/oauth2/v3/certs`,
        },
        github: {
          clientId: gitHubClient.client_id,
          authorizationEndpoint: `${gitHubUrl}/login/oauth/authorize`,
          tokenEndpoint: `${gitHubUrl}/login/oauth/access_token`,
          issuer: `${github.url}/login/oauth`,
          apiUrl: gitHubUrl,
        },
      },
      secrets: { google: googleClient.client_secret, github: gitHubClient.client_secret },
    },
    approve,
    stop: async () => {
      await Promise.all([google.close(), github.close()]);
    },
  };
}

async function approve(authorizationUrl: string, email: string): Promise<string> {
  const page = await (await fetch(authorizationUrl)).text();
  const form = page.split("<form ").find((part) => part.includes(email));
  const action = /action="([^"]*)"/.exec(form ?? "")?.[1];
  if (form === undefined || action === undefined) throw new Error(`no account with ${email} on the page: ${page}`);
  const inputs = form.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g);
  const body = new URLSearchParams();
  for (const [, name = "", value = ""] of inputs) body.set(unescapeHtml(name), unescapeHtml(value));
  const response = await fetch(new URL(action, authorizationUrl), { method: "POST", body, redirect: "manual" });
  const location = response.headers.get("location");
  if (location === null) throw new Error(`sent nowhere: ${response.status}`);
  return location;
}
