import type { CallContext } from "@foyer/contracts/shared/actor";
import { checkIfMatch, etagOf } from "@foyer/http/etag";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { isDeletable } from "../domain/event.ts";
import { versionNews } from "../domain/news.ts";
import { openEvent } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";

/**
 * Removes a draft that was never public. One that was may have sold tickets, and they point to it: it can be cancelled or
 * archived (`events.not_deletable`).
 */
export async function deleteEvent(
  deps: Deps,
  call: CallContext,
  input: { readonly idOrSlug: string; readonly ifMatch: string | undefined },
): Promise<Result<null>> {
  return untilStored(async () => {
    const opened = await openEvent(deps, call, input.idOrSlug, "events.write");
    if (!opened.ok) return opened;
    const event = opened.value;
    const current = checkIfMatch(input.ifMatch, etagOf(event.version));
    if (!current.ok) return current;
    if (!isDeletable(event))
      return fail(
        "events.not_deletable",
        "Only a draft that was never published can be deleted; cancel or archive it.",
      );
    const nowMs = deps.clock.nowMs();
    const last = { ...event, version: event.version + 1 };
    const news = wrapNews([versionNews("event.deleted", last)], call, nowMs);
    if ((await deps.events.remove(last, noteOf(call, "delete", nowMs), news)) === "overtaken") return "overtaken";
    deps.pages.forget(event);
    return ok(null);
  });
}
