/** What every answer carries for browsers; a worker's own content policy on what it serves stands. */
export const securityHeaders: readonly (readonly [string, string])[] = [
  ["strict-transport-security", "max-age=63072000; includeSubDomains"],
  ["x-content-type-options", "nosniff"],
  ["x-frame-options", "DENY"],
  ["referrer-policy", "no-referrer"],
  ["permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"],
];

/** Nothing that the API answers is a page: it may load nothing and be framed nowhere. */
export const contentPolicy = "default-src 'none'; frame-ancestors 'none'";
/** The reference is a page without scripts: it loads its style and nothing else. */
export const docsContentPolicy =
  "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** What stands in every answer before the worker's own headers: put together once, because to copy is cheaper than to set. */
const covering = new Headers([
  ...securityHeaders.map(([name, value]): [string, string] => [name, value]),
  ["content-security-policy", contentPolicy],
  ["cross-origin-resource-policy", "same-origin"],
  ["vary", "Origin"],
]);
/** Pictures may be shown by other sites' pages, all else may not. */
const pictures = /^\/v1\/(?:media|avatars)\//;
const coveringMedia = new Headers(covering);
coveringMedia.set("cross-origin-resource-policy", "cross-origin");

/** What a worker says of these is not passed on: the first stand as they are, the last is set for each caller. */
const overruled = new Set([...securityHeaders.map(([name]) => name), "x-request-id"]);

/**
 * A worker's answer as everybody may see it: with what every answer carries, a policy of the worker's own over ours, and without
 * internal headers.
 */
export function cover(path: string, response: Response): Response {
  const covered = new Response(response.body, {
    status: response.status,
    headers: pictures.test(path) ? coveringMedia : covering,
  });
  const { headers } = covered;
  // One walk for all that is done to headers; each call into the runtime costs as much as hundreds of steps here.
  response.headers.forEach((value, name) => {
    if (overruled.has(name) || isInternal(name)) return;
    if (name === "vary") headers.set(name, varyOf(value));
    else if (name === "set-cookie") headers.append(name, value);
    else headers.set(name, value);
  });
  return covered;
}

/** What a worker's answer depends on, in the caller's words: a cookie may have been the credential. */
function varyOf(value: string): string {
  return /\bauthorization\b/i.test(value) ? `${value}, Cookie, Origin` : `${value}, Origin`;
}

/** The gateway's word to users: where the caller is. */
export const placeHeader = "foyer-place";

/** Bookings' word to the gateway: these ticket types have nothing left. */
export const soldOutHeader = "foyer-sold-out";

/** Whether a header, named in lower case, is one that only workers of this deployment may say to one another. */
function isInternal(name: string): boolean {
  return name.startsWith("foyer-") || name.startsWith("x-foyer-");
}

/** Takes internal headers off, whoever sent them. Returns whether there are cookies among the rest: this walk is the cheapest look at that. */
export function stripInternal(headers: Headers): boolean {
  let found: string[] | null = null;
  let hasCookies = false;
  for (const name of headers.keys()) {
    if (name === "cookie") hasCookies = true;
    if (isInternal(name)) {
      found ??= [];
      found.push(name);
    }
  }
  if (found !== null) for (const name of found) headers.delete(name);
  return hasCookies;
}
