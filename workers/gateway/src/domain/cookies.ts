import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";

/** The session's cookies, as users sets them: who is shown at every request, and what gets the next one. */
const accessCookie = "__Host-foyer_access";
const refreshCookie = "__Host-foyer_refresh";

/** What goes to the worker behind in place of a request's cookies. */
export interface Credentials {
  /** `Authorization`, made of the access cookie; null leaves the caller's own. */
  readonly authorization: string | null;
  /** `Cookie`; null for none. */
  readonly cookie: string | null;
}

/** The part of a request that is looked at here. */
export type CookieRequest = Pick<Request, "method" | "url" | "headers">;

const none: Credentials = { authorization: null, cookie: null };

/** What every name of ours contains. */
const mark = "__Host-foyer_";
/** Our cookies in a header. Names are compared as they are: what stands before them, a space that only some see included, makes another name. */
const ours = /(?:^|;)[ \t]*(__Host-foyer_[A-Za-z0-9_-]+)=([^;]*)/g;
/** RFC 6265 section 4.1.1, `cookie-octet`. */
const valueShape = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+$/;
/** A JWT, and so no API key: those are for programs, which have no cookies. */
const tokenShape = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

const signInPaths = "/v1/auth/";
/** Where a provider sends the browser back, Apple by a form that its own page posts. */
const callbackPath = /^\/v1\/auth\/oauth\/[^/]+\/callback$/;
const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a `Cookie` header can hold a credential. Others, a site's statistics, are nothing to anyone here. */
export function mayHoldOurs(header: string): boolean {
  return header.includes(mark);
}

/**
 * What a request's cookies become. Only routes of signing in get any, and only ours. The access cookie becomes `Authorization`, unless the
 * caller sent one, even an empty one: then no cookie of the session counts. What acts by a cookie must come from our pages, else it is
 * `gateway.cross_site`. A provider's answer cannot, so there the session is left out: it is bound to its flow by a cookie of its own.
 */
export function credentialsOf(
  request: CookieRequest,
  path: string,
  header: string,
  allowedOrigins: ReadonlySet<string>,
): Result<Credentials> {
  if (!mayHoldOurs(header)) return ok(none);
  const found = findOurs(header);
  const isSignIn = path.startsWith(signInPaths);
  if (callbackPath.test(path) || request.headers.has("authorization")) {
    return ok({ authorization: null, cookie: isSignIn ? join(found, [accessCookie, refreshCookie]) : null });
  }
  if (found.size > 0 && acts(request) && !comesFromOurPage(request, allowedOrigins)) {
    return fail("gateway.cross_site", "What is done by a cookie must come from a page of this site.");
  }
  return ok({ authorization: bearer(found), cookie: isSignIn ? join(found, [accessCookie]) : null });
}

/** Our cookies by name. One that is there twice is null, because one of the two is somebody else's; one that none of ours can be is, too. */
function findOurs(header: string): ReadonlyMap<string, string | null> {
  const found = new Map<string, string | null>();
  for (const [, name = "", value = ""] of header.matchAll(ours)) {
    const isSound = !found.has(name) && value.length <= limits.cookieCharsMax && valueShape.test(value);
    found.set(name, isSound ? value : null);
  }
  return found;
}

/**
 * An access cookie that is no token goes on as a credential without one: whoever looks at it refuses it like every bad token, and signing in anew,
 * which does not look, replaces it.
 */
function bearer(found: ReadonlyMap<string, string | null>): string | null {
  const access = found.get(accessCookie);
  if (access === undefined) return null;
  return access !== null && tokenShape.test(access) ? `Bearer ${access}` : "Bearer";
}

function join(found: ReadonlyMap<string, string | null>, without: readonly string[]): string | null {
  const pairs = [...found].flatMap(([name, value]) =>
    value === null || without.includes(name) ? [] : [`${name}=${value}`],
  );
  return pairs.length === 0 ? null : pairs.join("; ");
}

/** Whether a request does more than read: what it opens stays open, and speaks. */
function acts({ method, headers }: CookieRequest): boolean {
  return !safeMethods.has(method) || headers.has("upgrade");
}

/**
 * Whether the browser says that a page of this deployment, or of its list, sent this. Neighbouring hosts count as strangers, and so does `null`, as
 * which sandboxed frames come. Who says nothing is no browser of today, and has no cookies to send.
 */
function comesFromOurPage({ url, headers }: CookieRequest, allowedOrigins: ReadonlySet<string>): boolean {
  if (headers.get("sec-fetch-site") === "same-origin") return true;
  const origin = headers.get("origin");
  return origin !== null && (allowedOrigins.has(origin) || origin === new URL(url).origin);
}
