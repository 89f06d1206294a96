import path from "node:path";

/** The checkout's root folder. */
export const root = path.resolve(import.meta.dirname, "../..");

/** Domains in the order in which they are deployed: a worker's peers stand before it, the gateway last. */
export const domains = [
  "users",
  "bookings",
  "events",
  "payments",
  "notifications",
  "search",
  "analytics",
  "gateway",
] as const;
export type Domain = (typeof domains)[number];

/** A worker's own configuration. The gateway's is at the root, because it is the public API. */
export function configPathOf(domain: Domain): string {
  return domain === "gateway" ? path.join(root, "wrangler.toml") : path.join(root, "workers", domain, "wrangler.toml");
}

/** Name of the deployed worker, as in its configuration. */
export function workerNameOf(domain: Domain): string {
  return `foyer-${domain}`;
}
