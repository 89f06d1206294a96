import { requirePlatformAdmin } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { checkIfMatch, etagOf } from "@foyer/http/etag";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Tag } from "../repository/tags.ts";
import { untilStored } from "./change.ts";
import { tooManyTags } from "./create-tag.ts";
import { settleTagsSoon } from "./settle-tags.ts";

/**
 * Gives a tag another name; where that is a tag already, the two become one. Administrators of the platform only. Whoever writes or asks for the
 * old name has the new one from then on; events that have it follow, the first at once and the rest by cron. Repeating it changes nothing more.
 * `events.tag_not_found`, `request.precondition_failed`, `events.too_many_tags`.
 */
export async function renameTag(
  deps: Deps,
  call: CallContext,
  input: { readonly tag: string; readonly ifMatch: string | undefined; readonly name: string },
): Promise<Result<Tag>> {
  const admin = requirePlatformAdmin(call.actor);
  if (!admin.ok) return admin;
  const { tag, name } = input;
  const renamed = await untilStored<null>(async () => {
    const [before, rules] = await Promise.all([deps.tags.find(tag), deps.tags.rulesFor([tag])]);
    if (rules.get(tag) === name) return ok(null);
    if (before === null) return fail("events.tag_not_found", "No such tag.");
    const current = checkIfMatch(input.ifMatch, etagOf(before.version));
    if (!current.ok) return current;
    if (tag === name) return ok(null);
    const outcome = await deps.tags.rename(before, name, deps.clock.nowMs());
    return outcome === "full" ? tooManyTags() : outcome === "overtaken" ? "overtaken" : ok(null);
  });
  if (!renamed.ok) return renamed;
  await settleTagsSoon(deps, call);
  // A tag that no listed event has, and nobody keeps, has no row: nothing is counted of it.
  return ok((await deps.tags.find(name)) ?? { name, events: 0, curated: false, version: 1 });
}
