import { fail, ok, type Result } from "@foyer/kernel/result";

/** The answer for an event that no box office was prepared for. */
export function eventNotFound(): ReturnType<typeof fail> {
  return fail("bookings.event_not_found", "There is no such event.");
}

/** Honours `If-Match`, given as the versions that it names; absent means no condition. */
export function checkVersion(version: number, ifVersion: readonly string[] | undefined): Result<null> {
  if (ifVersion === undefined || ifVersion.includes(String(version))) return ok(null);
  return fail("request.precondition_failed", "The resource has changed since it was read; read it again.");
}
