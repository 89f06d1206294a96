import { fail, ok, type Result } from "@foyer/kernel/result";

/** Strong validator of a resource from its version (RFC 9110 section 8.8.3). */
export function etagOf(version: number | string): string {
  return `"${version}"`;
}

function listed(header: string): string[] {
  return header.split(",").map((tag) => tag.trim().replace(/^W\//, ""));
}

/** Whether `If-None-Match` names the current version, so that 304 is the answer. Weak comparison, as the RFC has it. */
export function isNotModified(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  return ifNoneMatch.trim() === "*" || listed(ifNoneMatch).includes(etag.replace(/^W\//, ""));
}

/**
 * Honours `If-Match`: absent means no condition; a stale one is `request.precondition_failed`. Proxies that compress make our
 * validators weak (`W/`); since they are versions, not bytes, they are taken all the same, which RFC 9110 section 13.1.1 is
 * stricter about.
 */
export function checkIfMatch(ifMatch: string | undefined, etag: string): Result<null> {
  if (ifMatch === undefined || ifMatch.trim() === "*" || listed(ifMatch).includes(etag)) return ok(null);
  return fail("request.precondition_failed", "The resource has changed since it was read; read it again.");
}
