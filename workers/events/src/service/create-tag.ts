import { requirePlatformAdmin } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { required } from "@foyer/kernel/assert";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Tag } from "../repository/tags.ts";

/**
 * Keeps a tag, also while no event has it, and lets one be used again that was renamed or taken out; administrators of the platform only.
 * `events.tag_taken`, `events.too_many_tags`.
 */
export async function createTag(
  deps: Pick<Deps, "tags">,
  call: CallContext,
  input: { readonly name: string },
): Promise<Result<Tag>> {
  const admin = requirePlatformAdmin(call.actor);
  if (!admin.ok) return admin;
  const known = await deps.tags.find(input.name);
  if (known?.curated === true) return fail("events.tag_taken", "This tag is kept already.");
  if ((await deps.tags.keep(input.name)) === "full") return tooManyTags();
  return ok(required(await deps.tags.find(input.name), "a tag that is kept exists"));
}

/** The answer where administrators have kept, renamed and taken out as many tags as they can. */
export function tooManyTags() {
  return fail("events.too_many_tags", `At most ${limits.tagRulesMax} tags are kept, renamed or taken out.`);
}
