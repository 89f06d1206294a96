import type { UpdateEvent } from "@foyer/contracts/events/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { toEpochMs } from "@foyer/contracts/shared/schemas";
import { checkIfMatch, etagOf } from "@foyer/http/etag";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { type EventWithText, isEditable } from "../domain/event.ts";
import { summarize } from "../domain/facts.ts";
import { newsOfChange } from "../domain/news.ts";
import { missingContent, timeFaults } from "../domain/publishing.ts";
import { openEvent } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";
import { unknownCategory } from "./create-event.ts";
import { resolveLocation } from "./resolve-location.ts";
import { presentTags } from "./settle-tags.ts";

/**
 * Changes what is named, as the next version. A published event keeps all that publishing asked for. Fails with
 * `events.not_found`, `request.precondition_failed`, `events.not_editable`, `events.not_publishable`, `request.invalid`.
 */
export async function updateEvent(
  deps: Deps,
  call: CallContext,
  input: { readonly idOrSlug: string; readonly ifMatch: string | undefined; readonly patch: UpdateEvent },
): Promise<Result<EventWithText>> {
  return untilStored(async () => {
    const opened = await openEvent(deps, call, input.idOrSlug, "events.write");
    if (!opened.ok) return opened;
    const before = opened.value;
    const current = checkIfMatch(input.ifMatch, etagOf(before.version));
    if (!current.ok) return current;
    if (!isEditable(before.status))
      return fail("events.not_editable", `An event that is ${before.status} stays as it is.`);
    if (Object.keys(input.patch).length === 0) return ok(before);

    const { categoryId } = input.patch;
    const category = categoryId === undefined || categoryId === null ? null : await deps.categories.find(categoryId);
    if (categoryId !== undefined && categoryId !== null && category === null) return unknownCategory();

    const location = await resolveLocation(deps, before.organizationId, input.patch.location ?? null);
    if (!location.ok) return location;
    const tags = input.patch.tags === undefined ? before.tags : await presentTags(deps, input.patch.tags);
    const nowMs = deps.clock.nowMs();
    const changed = {
      ...applyPatch(before, input.patch, nowMs),
      location: input.patch.location === undefined ? before.location : location.value,
      tags,
    };
    const after = categoryId === undefined ? changed : { ...changed, categoryName: category?.name ?? null };
    const errors = timeFaults(after.startsAtMs, after.endsAtMs);
    if (errors.length > 0) return fail("request.invalid", "Some fields are not valid; see errors.", { errors });
    const missing = after.status === "published" ? missingContent(after) : [];
    if (missing.length > 0)
      return fail("events.not_publishable", "A published event cannot be without these.", {
        extra: { missing: missing.map(({ code, path }) => ({ code, path })) },
      });

    const news = wrapNews(newsOfChange(before, after), call, nowMs);
    if ((await deps.events.save(after, noteOf(call, "update", nowMs), news)) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok(after);
  });
}

function applyPatch(before: EventWithText, patch: UpdateEvent, nowMs: number): EventWithText {
  const instant = (value: string | null | undefined, old: number | null): number | null =>
    value === undefined ? old : value === null ? null : toEpochMs(value);
  const description = patch.description ?? before.description;
  return {
    ...before,
    version: before.version + 1,
    title: patch.title ?? before.title,
    description,
    summary: summarize(description),
    startsAtMs: instant(patch.startsAt, before.startsAtMs),
    endsAtMs: instant(patch.endsAt, before.endsAtMs),
    timezone: patch.timezone ?? before.timezone,
    categoryId: patch.categoryId === undefined ? before.categoryId : patch.categoryId,
    visibility: patch.visibility ?? before.visibility,
    updatedAtMs: nowMs,
  };
}
