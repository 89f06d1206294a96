import { type OAuthSettings, oauthSettings } from "@foyer/emulators/oauth/settings";
import { type Emulators, startEmulators } from "@foyer/emulators/start";
import type { Bundle } from "./build.ts";
import { localWebhookSecret, type Secrets } from "./secrets.ts";
import { type Platform, startPlatform } from "./start.ts";

/** All workers with their third parties emulated: what the demo, development and the end-to-end tests run on. */
export interface Stack {
  readonly url: string;
  readonly platform: Platform;
  readonly emulators: Emulators;
  stop(): Promise<void>;
}

export interface StackOptions {
  readonly bundles: readonly Bundle[];
  /** Port of the gateway. */
  readonly port: number;
  /**
   * Where people open it, for links and for providers to come back to; left out, where it listens. Cookies are of one host, so what somebody begins under
   * one name must not go on under another.
   */
  readonly publicUrl?: string;
  /** Ports of the emulated Stripe, Resend and identity providers; free ones where left out. */
  readonly emulatorPorts?: { readonly stripe: number; readonly resend: number; readonly oauth: number };
  /** Third parties that run already and go on when the stack stops; left out, it has its own. */
  readonly emulators?: Emulators;
  /** Identity providers in the place of the emulated ones, as users is configured with them. */
  readonly identityProviders?: {
    readonly providers: Partial<OAuthSettings["providers"]>;
    readonly secrets: Partial<OAuthSettings["secrets"]>;
  };
  readonly secrets: Secrets;
  /** Where state is kept; left out, it dies with the process. */
  readonly stateDirectory?: string;
  /** How long a reservation holds; left out, as in production. */
  readonly reservationTtlSeconds?: number;
  /** Whether registering a known address says so; left out, as the configuration has it. */
  readonly revealEmailTaken?: boolean;
  /** Whether callers are limited; a rush from one address would be. */
  readonly rateLimits: boolean;
  /** See {@link startPlatform}. */
  readonly inspectorPort?: number;
  readonly onLog?: (line: string, level: string) => void;
}

/** Where sign-ins at providers end: at a page of whoever develops one. */
export function signInEndsAt(url: string): string {
  return `${url}/signed-in`;
}

/** Starts the third parties, then the workers that speak to them. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const url = `http://127.0.0.1:${options.port}`;
  const publicUrl = options.publicUrl ?? url;
  const emulators = options.emulators ?? (await startOwnEmulators(options, url, publicUrl));
  const stopEmulators = async (): Promise<void> => {
    if (options.emulators === undefined) await emulators.stop();
  };
  try {
    const oauth = options.identityProviders ?? (await oauthSettings(emulators.oauth.url));
    const platform = await startPlatform({
      bundles: options.bundles,
      port: options.port,
      secrets: {
        ...options.secrets,
        // The providers make theirs when they start, so these are never among the kept ones.
        users: { ...options.secrets.users, OAUTH_SECRETS: JSON.stringify(oauth.secrets) },
      },
      ...(options.stateDirectory === undefined ? {} : { stateDirectory: options.stateDirectory }),
      ...(options.inspectorPort === undefined ? {} : { inspectorPort: options.inspectorPort }),
      ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
      variables: {
        gateway: { ALLOWED_ORIGINS: publicUrl, ...(options.rateLimits ? {} : { RATE_LIMITS: "off" }) },
        users: {
          PUBLIC_URL: publicUrl,
          OAUTH_PROVIDERS: JSON.stringify(oauth.providers),
          OAUTH_REDIRECT_URIS: signInEndsAt(publicUrl),
          ...(options.revealEmailTaken === undefined ? {} : { REVEAL_EMAIL_TAKEN: String(options.revealEmailTaken) }),
          // Passkeys are made for a domain, and an address in numbers is none.
          PASSKEY_RP_ID: "localhost",
          PASSKEY_ORIGINS: `http://localhost:${options.port}`,
        },
        events: { PUBLIC_URL: publicUrl },
        bookings: {
          PUBLIC_URL: publicUrl,
          ...(options.reservationTtlSeconds === undefined
            ? {}
            : { RESERVATION_TTL_SECONDS: String(options.reservationTtlSeconds) }),
        },
        payments: { PUBLIC_URL: publicUrl, STRIPE_API_URL: emulators.stripe.url },
        notifications: { PUBLIC_URL: publicUrl, MAIL_PROVIDER: "resend", RESEND_API_URL: emulators.resend.url },
      },
    });
    return {
      url,
      platform,
      emulators,
      async stop() {
        await platform.stop();
        await stopEmulators();
      },
    };
  } catch (thrown) {
    await stopEmulators();
    throw thrown;
  }
}

function startOwnEmulators({ emulatorPorts }: StackOptions, url: string, publicUrl: string): Promise<Emulators> {
  return startEmulators({
    stripe: {
      webhookUrl: `${url}/v1/webhooks/stripe`,
      webhookSecret: localWebhookSecret,
      port: emulatorPorts?.stripe ?? 0,
    },
    resend: { port: emulatorPorts?.resend ?? 0 },
    oauth: { callbackBaseUrl: publicUrl, port: emulatorPorts?.oauth ?? 0 },
  });
}
