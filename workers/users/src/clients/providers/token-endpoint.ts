import { secondMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { ok, type Result } from "@foyer/kernel/result";
import type { Logger } from "@foyer/telemetry/logger";
import { importPKCS8, SignJWT } from "jose";
import * as z from "zod";
import { type CallProvider, refused, unavailable } from "./outside-calls.ts";
import type { ProviderSettings } from "./settings.ts";

/** What a code was given for. */
export interface ProviderTokens {
  readonly accessToken: string | null;
  readonly idToken: string | null;
}

/** A code with what proves that it was given to us, in this flow. */
export interface CodeRedemption {
  readonly code: string;
  readonly redirectUri: string;
  readonly verifier: string;
}

const text = z.string().max(limits.providerAnswerBytesMax);
const tokensSchema = z.object({
  access_token: text.optional(),
  id_token: text.optional(),
  error: z.unknown().optional(),
});
/** Error codes that are about our registration and about no person. */
const ourFault = new Set(["invalid_client", "unauthorized_client", "incorrect_client_credentials"]);

/**
 * Redeems a code (RFC 6749 section 4.1.3), once: a code is spent by being shown. The secret goes in the body, which is how all
 * five providers document it. `users.provider_refused` where the provider does not take the code; `users.provider_unavailable` where it does
 * not answer, or does not take us.
 */
export async function redeemAtProvider(
  settings: ProviderSettings,
  call: CallProvider,
  log: Logger,
  { code, redirectUri, verifier }: CodeRedemption,
  nowMs: number,
): Promise<Result<ProviderTokens>> {
  const secret = settings.signsSecret ? await signSecret(settings, nowMs) : settings.secret;
  if (secret === null) {
    log.error("the private key of a client is none", { provider: settings.provider });
    return unavailable;
  }
  const body = new URLSearchParams({
    grant_type: "authorization_code",
    client_id: settings.clientId,
    client_secret: secret,
    code,
    redirect_uri: redirectUri,
    code_verifier: verifier,
  });
  const reply = await call("token", settings.tokenEndpoint, { method: "POST", body });
  if (!reply.ok) return reply;
  const { status, body: answer } = reply.value;
  const parsed = tokensSchema.safeParse(answer);
  // GitHub says everything with 200, refusals too; Facebook's `error` is an object.
  if (status === 200 && parsed.success && parsed.data.error === undefined) {
    const { access_token: accessToken = null, id_token: idToken = null } = parsed.data;
    return ok({ accessToken, idToken });
  }
  const reason = errorCodeOf(parsed.data?.error);
  if (!ourFault.has(reason)) {
    log.warn("identity provider refused a code", { provider: settings.provider, status, reason });
    return refused;
  }
  log.error("identity provider does not know this deployment", { provider: settings.provider, status, reason });
  return unavailable;
}

/** The code of an error, where it is one; never the words beside it, which may be anybody's. */
function errorCodeOf(error: unknown): string {
  if (typeof error === "string" && /^[a-z_]{1,60}$/.test(error)) return error;
  // Facebook's code 1 is that of a secret that does not fit.
  if (typeof error === "object" && error !== null && "code" in error) {
    return error.code === 1 ? "invalid_client" : `code_${Number(error.code)}`;
  }
  return "unknown";
}

/**
 * Apple's client secret: a JWT that the client's own key signs, good for one call
 * (https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret). Null where the key is none.
 */
async function signSecret(
  { secret, teamId, keyId, clientId, issuer }: ProviderSettings,
  nowMs: number,
): Promise<string | null> {
  const key = await importPKCS8(secret, "ES256").catch(() => null); // what is wrong with it would quote it
  if (key === null) return null;
  const nowSeconds = Math.floor(nowMs / secondMs);
  return new SignJWT({ iss: teamId, sub: clientId, aud: issuer })
    .setProtectedHeader({ alg: "ES256", kid: keyId })
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + limits.appleSecretTtlSeconds)
    .sign(key);
}
