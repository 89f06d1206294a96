import { requirePlatformAdmin } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { checkIfMatch, etagOf } from "@foyer/http/etag";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { untilStored } from "./change.ts";
import { tooManyTags } from "./create-tag.ts";
import { settleTagsSoon } from "./settle-tags.ts";

/**
 * Takes a tag out: events that have it lose it, the first at once and the rest by cron, and none gets it until it is kept again. Administrators
 * of the platform only. `events.tag_not_found`, `request.precondition_failed`, `events.too_many_tags`.
 */
export async function deleteTag(
  deps: Deps,
  call: CallContext,
  input: { readonly tag: string; readonly ifMatch: string | undefined },
): Promise<Result<null>> {
  const admin = requirePlatformAdmin(call.actor);
  if (!admin.ok) return admin;
  const taken = await untilStored<null>(async () => {
    const before = await deps.tags.find(input.tag);
    if (before === null) return fail("events.tag_not_found", "No such tag.");
    const current = checkIfMatch(input.ifMatch, etagOf(before.version));
    if (!current.ok) return current;
    const outcome = await deps.tags.takeOut(before, deps.clock.nowMs());
    return outcome === "full" ? tooManyTags() : outcome === "overtaken" ? "overtaken" : ok(null);
  });
  if (taken.ok) await settleTagsSoon(deps, call);
  return taken;
}
