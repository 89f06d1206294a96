/** The two limits a request can fall under. */
export type RateLimitName = "default" | "auth";

interface RateLimitPolicy {
  readonly quota: number;
  readonly windowSeconds: number;
}

/** What the limits are, as published: `"default";q=600;w=60, "auth";q=30;w=60`. */
export interface RateLimitPolicies {
  readonly header: string;
  readonly byName: Readonly<Record<RateLimitName, RateLimitPolicy>>;
}

const policyShape = /"(default|auth)";q=(\d+);w=(\d+)/g;

/**
 * Reads the variable RATE_LIMITS: `off`, or the value of the `RateLimit-Policy` header (IETF draft httpapi-ratelimit-headers)
 * with a policy for each limit. Anything else is a mistake of the deployment and throws.
 */
export function parseRateLimits(text: string): RateLimitPolicies | null {
  if (text === "off") return null;
  const found = new Map<string, RateLimitPolicy>();
  for (const [, name, quota, window] of text.matchAll(policyShape)) {
    found.set(String(name), { quota: Number(quota), windowSeconds: Number(window) });
  }
  const fallback = found.get("default");
  const auth = found.get("auth");
  if (fallback === undefined || auth === undefined) {
    throw new TypeError('RATE_LIMITS is neither "off" nor a policy for "default" and "auth"');
  }
  return { header: text, byName: { default: fallback, auth } };
}

/** Guessing at an event's password. Events decodes paths as well, so a last segment with an escape is held to the strict limit, too. */
const eventAccess = /^\/v1\/events\/[^/]+\/(?:access\/?$|[^/]*%)/;

/**
 * Where secrets can be guessed or mails be caused. Users decodes paths, and none of its own needs an escape: one that has any is
 * held to the strict limit, so that `log%69n` is no way around it.
 */
const guessable =
  /^\/v1\/(?:invitations(?:\/|$)|auth\/(?:(?:login|register|password|email|mfa|passkeys\/login|step-up|oauth\/(?:login|token))(?:\/|$)|[^%]*%))/;

/** The limit that a request falls under. Reading is never held to the strict one. */
export function rateLimitOf(method: string, path: string): RateLimitName {
  return method === "POST" && (guessable.test(path) || eventAccess.test(path)) ? "auth" : "default";
}

/** The headers of a refusal: the policy, and that nothing is left until the window ends at the latest. */
export function refusalHeaders(policies: RateLimitPolicies, name: RateLimitName): Readonly<Record<string, string>> {
  const { windowSeconds } = policies.byName[name];
  return {
    "retry-after": String(windowSeconds),
    "ratelimit-policy": policies.header,
    ratelimit: `"${name}";r=0;t=${windowSeconds}`,
  };
}
