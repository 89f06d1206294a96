import { randomBytes } from "node:crypto";
import type { Domain } from "./workers.ts";

/** Secrets of one local deployment, by the worker that holds them. A deployment to Cloudflare sets its own. */
export type Secrets = { readonly [D in Domain]?: Readonly<Record<string, string>> };

/** Secrets that a deployment must set, by worker; which of them are optional is in the worker's README. */
export const requiredSecrets: { readonly [D in Domain]?: readonly string[] } = {
  users: ["ENCRYPTION_KEYS", "SINGLE_USE_TOKEN_SECRET"],
  events: ["EVENT_ACCESS_SECRET"],
  bookings: ["BOOKINGS_SECRET", "EVENT_ACCESS_SECRET"],
  payments: ["STRIPE_SECRET_KEY", "STRIPE_WEBHOOK_SECRET"],
  analytics: ["ANALYTICS_SALT"],
};

/** The secret that the emulated Stripe signs with and payments verifies with. */
export const localWebhookSecret = "whsec_local_development_only";

/** Fresh random secrets; the emulated third parties take any key. */
export function newSecrets(): Secrets {
  const random = (): string => randomBytes(32).toString("base64url");
  // Events signs what lets somebody in, and bookings checks it: the same secret.
  const EVENT_ACCESS_SECRET = random();
  return {
    users: {
      ENCRYPTION_KEYS: JSON.stringify([{ id: `local-${randomBytes(4).toString("hex")}`, key: random() }]),
      SINGLE_USE_TOKEN_SECRET: random(),
    },
    events: { EVENT_ACCESS_SECRET },
    bookings: { BOOKINGS_SECRET: random(), EVENT_ACCESS_SECRET },
    payments: {
      STRIPE_SECRET_KEY: `sk_test_${randomBytes(12).toString("hex")}`,
      STRIPE_WEBHOOK_SECRET: localWebhookSecret,
    },
    notifications: { RESEND_API_KEY: `re_${randomBytes(12).toString("hex")}` },
    analytics: { ANALYTICS_SALT: random() },
  };
}
