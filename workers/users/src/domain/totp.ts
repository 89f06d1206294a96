import { secondMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { Secret, TOTP } from "otpauth";

const periodSeconds = 30;
/** Steps to either side that are taken, for clocks that are not quite right (RFC 6238 section 5.2). */
const windowSteps = 1;

/** What every authenticator app understands: SHA-1, six digits, thirty seconds. The secret is base32. */
function appOf(secret: string, label: { readonly issuer: string; readonly label: string } = { issuer: "", label: "" }) {
  return new TOTP({
    ...label,
    secret: Secret.fromBase32(secret),
    algorithm: "SHA1",
    digits: 6,
    period: periodSeconds,
  });
}

/** What a QR code says to an app: the secret, whose it is, and of which deployment. */
export function totpUri(secret: string, issuer: string, account: string): string {
  return appOf(secret, { issuer, label: account }).toString();
}

/** The time step whose code this is: the current one, or one to either side. Null for any other code. */
export function stepOfCode(secret: string, code: string, nowMs: number): number | null {
  const delta = appOf(secret).validate({ token: code, timestamp: nowMs, window: windowSteps });
  return delta === null ? null : Math.floor(nowMs / (periodSeconds * secondMs)) + delta;
}

/** Where a user's secret is sealed for, so that it opens for nobody else. */
export function totpPlace(userId: string): string {
  return `totp ${userId}`;
}

/** Whether the time is over in which an app that was set up can be confirmed. */
export function isSetupOver(createdAtMs: number, nowMs: number): boolean {
  return nowMs - createdAtMs >= limits.totpSetupTtlSeconds * secondMs;
}
