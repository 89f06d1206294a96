/** Methods, request headers and response headers that a page of an allowed origin may use. */
const allowedMethods = "GET, HEAD, POST, PUT, PATCH, DELETE";
const allowedHeaders =
  "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Range, X-Event-Access, X-Order-Secret, X-Request-Id, X-Reservation-Secret";
const exposedHeaders =
  "Accept-Ranges, Content-Disposition, Content-Range, ETag, Idempotent-Replayed, Location, RateLimit, RateLimit-Policy, Retry-After, X-Request-Id";
const preflightMaxAgeSeconds = 7_200; // the longest that every browser honours

/**
 * Reads the list of origins. `*` and `null` are no origins: the first would let every page in, the second every
 * sandboxed frame and local file.
 */
export function parseAllowedOrigins(list: string): ReadonlySet<string> {
  return new Set(
    list
      .split(",")
      .map((entry) => entry.trim().toLowerCase().replace(/\/$/, ""))
      .filter((entry) => /^https?:\/\/[^/*]+$/.test(entry)),
  );
}

/**
 * Lets the page of an allowed origin read the answer, also to what it asked by cookies; those are `SameSite=Strict`, so only pages of the
 * same site have any. Whether an origin is allowed changes the answer, so the caller also says `Vary: Origin`, allowed or not.
 */
export function allowOrigin(headers: Headers, origin: string | null, allowed: ReadonlySet<string>): void {
  if (origin === null || !allowed.has(origin)) return;
  headers.set("access-control-allow-origin", origin);
  headers.set("access-control-allow-credentials", "true");
  headers.set("access-control-expose-headers", exposedHeaders);
}

/** What a browser is told that asks before it sends (Fetch standard, CORS-preflight request). */
export function preflightHeaders(): Headers {
  return new Headers({
    "access-control-allow-methods": allowedMethods,
    "access-control-allow-headers": allowedHeaders,
    "access-control-max-age": String(preflightMaxAgeSeconds),
    vary: "Access-Control-Request-Method, Access-Control-Request-Headers",
  });
}
