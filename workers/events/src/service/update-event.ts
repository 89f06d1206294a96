import type { UpdateEvent } from "@foyer/contracts/events/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { toEpochMs } from "@foyer/contracts/shared/schemas";
import { checkIfMatch, etagOf } from "@foyer/http/etag";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { type EventWithText, isEditable, normalizeTags } from "../domain/event.ts";
import { summarize } from "../domain/facts.ts";
import { newsOfChange } from "../domain/news.ts";
import { missingContent, timeFaults } from "../domain/publishing.ts";
import { overridesAfter } from "../domain/series-edit.ts";
import { openEvent } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";
import { unknownCategory } from "./create-event.ts";

/**
 * Changes what is named, as the next version. A published event keeps all that publishing asked for; an occurrence of a series keeps from then
 * on what it was given for itself. Fails with `events.not_found`, `request.precondition_failed`, `events.not_editable`,
 * `events.not_publishable`, `request.invalid`.
 */
export async function updateEvent(
  deps: Deps,
  call: CallContext,
  input: { readonly idOrSlug: string; readonly ifMatch: string | undefined; readonly patch: UpdateEvent },
): Promise<Result<EventWithText>> {
  return untilStored(async () => {
    const opened = await openForUpdate(deps, call, input);
    if (!opened.ok) return opened;
    const before = opened.value;
    if (Object.keys(input.patch).length === 0) return ok(before);
    const nowMs = deps.clock.nowMs();
    const planned = await planUpdate(deps, before, input.patch, nowMs);
    if (!planned.ok) return planned;
    const after = { ...planned.value, overrides: overridesAfter(before, input.patch) };
    const news = wrapNews(newsOfChange(before, after), call, nowMs);
    if ((await deps.events.save(after, noteOf(call, "update", nowMs), news)) === "overtaken") return "overtaken";
    deps.pages.forget(after);
    return ok(after);
  });
}

/** An event that the caller may change as it is now. */
export async function openForUpdate(
  deps: Deps,
  call: CallContext,
  input: { readonly idOrSlug: string; readonly ifMatch: string | undefined },
): Promise<Result<EventWithText>> {
  const opened = await openEvent(deps, call, input.idOrSlug, "events.write");
  if (!opened.ok) return opened;
  const current = checkIfMatch(input.ifMatch, etagOf(opened.value.version));
  if (!current.ok) return current;
  if (isEditable(opened.value.status)) return opened;
  return fail("events.not_editable", `An event that is ${opened.value.status} stays as it is.`);
}

/** The next version of an event by a change, or what is wrong with it. Writes nothing. */
export async function planUpdate(
  deps: Pick<Deps, "categories">,
  before: EventWithText,
  patch: UpdateEvent,
  nowMs: number,
): Promise<Result<EventWithText>> {
  const { categoryId } = patch;
  const category = categoryId === undefined || categoryId === null ? null : await deps.categories.find(categoryId);
  if (categoryId !== undefined && categoryId !== null && category === null) return unknownCategory();
  const changed = applyPatch(before, patch, nowMs);
  const after = categoryId === undefined ? changed : { ...changed, categoryName: category?.name ?? null };
  return checkContent(after);
}

/** An event whose times and content hold together, or what is wrong. */
export function checkContent(after: EventWithText): Result<EventWithText> {
  const errors = timeFaults(after.startsAtMs, after.endsAtMs);
  if (errors.length > 0) return fail("request.invalid", "Some fields are not valid; see errors.", { errors });
  const missing = after.status === "published" ? missingContent(after) : [];
  if (missing.length === 0) return ok(after);
  return fail("events.not_publishable", "A published event cannot be without these.", {
    extra: { missing: missing.map(({ code, path }) => ({ code, path })) },
  });
}

/** What a change makes of an event; its times are instants. */
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
    location: patch.location === undefined ? before.location : patch.location,
    categoryId: patch.categoryId === undefined ? before.categoryId : patch.categoryId,
    tags: patch.tags === undefined ? before.tags : normalizeTags(patch.tags),
    visibility: patch.visibility ?? before.visibility,
    updatedAtMs: nowMs,
  };
}
