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

/** Adds the headers of {@link securityHeaders}. Media may be shown by other sites' pages, all else may not. */
export function secure(headers: Headers, path: string): void {
  for (const [name, value] of securityHeaders) headers.set(name, value);
  if (!headers.has("content-security-policy")) headers.set("content-security-policy", contentPolicy);
  if (!headers.has("cross-origin-resource-policy")) {
    const embeddable = path.startsWith("/v1/media/");
    headers.set("cross-origin-resource-policy", embeddable ? "cross-origin" : "same-origin");
  }
}

/** Headers that only workers of this deployment may say to one another. */
/** Bookings' word to the gateway: these ticket types have nothing left. */
export const soldOutHeader = "foyer-sold-out";

const internalName = /^(?:x-)?foyer-/;

/** Takes internal headers off, whoever sent them. */
export function stripInternal(headers: Headers): void {
  let found: string[] | null = null;
  for (const name of headers.keys()) {
    if (internalName.test(name)) {
      found ??= [];
      found.push(name);
    }
  }
  if (found !== null) for (const name of found) headers.delete(name);
}
