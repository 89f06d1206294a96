import { createHmac } from "node:crypto";

/** The value of `Stripe-Signature` (https://docs.stripe.com/webhooks#verify-manually). */
export function signPayload(secret: string, payload: string, timestampSeconds: number): string {
  const signature = createHmac("sha256", secret).update(`${timestampSeconds}.${payload}`).digest("hex");
  return `t=${timestampSeconds},v1=${signature}`;
}
