import type { AttemptGuard } from "./durable-objects/attempt-guard.ts";

/** Bindings of the users worker; names as in wrangler.toml. */
export interface Env {
  readonly USERS_DB: D1Database;
  readonly AVATARS: R2Bucket;
  readonly ATTEMPT_GUARD: DurableObjectNamespace<AttemptGuard>;
  readonly QUEUE_USERS: Queue;
  readonly QUEUE_EVENTS: Queue;
  readonly QUEUE_BOOKINGS: Queue;
  readonly QUEUE_PAYMENTS: Queue;
  readonly QUEUE_NOTIFICATIONS: Queue;
  readonly QUEUE_ANALYTICS: Queue;
  readonly METRICS: AnalyticsEngineDataset;
  readonly TOKEN_ISSUER: string;
  readonly TOKEN_AUDIENCE: string;
  /** Where the public site is, without a slash at the end. */
  readonly PUBLIC_URL: string;
  /** `"true"`: registering a known address answers 409. Anything else: nobody learns which addresses have accounts. */
  readonly REVEAL_EMAIL_TAKEN: string;
  /** The domain that passkeys are made for; empty: the host of `PUBLIC_URL`. */
  readonly PASSKEY_RP_ID: string;
  /** Origins of the pages and apps that may use passkeys, separated by commas; empty: that of `PUBLIC_URL`. */
  readonly PASSKEY_ORIGINS: string;
  /** JSON by provider: `clientId`, for Apple `teamId` and `keyId`, and endpoints where they are not the provider's own. */
  readonly OAUTH_PROVIDERS: string;
  /** Where sign-ins at providers may end: addresses of clients, with commas between. */
  readonly OAUTH_REDIRECT_URIS: string;
  /** Secret, optional: JSON, the client's secret by provider; for Apple the private key that signs it, PKCS #8 in PEM. */
  readonly OAUTH_SECRETS?: string;
  /** Secret: JSON array of `{ id, key }` that what must be had back is sealed with. The first seals, all open. */
  readonly ENCRYPTION_KEYS: string;
  /** Secret: key of the HMAC that single-use links are made with, and recovery codes are stored under. */
  readonly SINGLE_USE_TOKEN_SECRET: string;
}
