import type { UpdateEvent } from "@foyer/contracts/events/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { checkIfMatch, etagOf } from "@foyer/http/etag";
import { required } from "@foyer/kernel/assert";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { applyPatch, contentFaults } from "../domain/content.ts";
import { type EventWithText, isEditable } from "../domain/event.ts";
import { newsOfChange } from "../domain/news.ts";
import { missingAfterChange, timeFaults } from "../domain/publishing.ts";
import { overridesAfter } from "../domain/series-edit.ts";
import { changeTimes } from "../domain/times.ts";
import { openEvent } from "./access.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";
import { confirmChanges } from "./confirm-changes.ts";
import { slugTaken, unknownCategory } from "./create-event.ts";
import { notPublishable } from "./publish-event.ts";
import { resolveLocation } from "./resolve-location.ts";
import { presentTags } from "./settle-tags.ts";

/**
 * Changes what is named, as the next version. A published event keeps all that publishing asked for; an occurrence of a series keeps from
 * then on what it was given for itself. Fails with `events.not_found`, `request.precondition_failed`, `events.not_editable`, `events.not_publishable`, `events.slug_taken`, `request.invalid`,
 * and where tickets are out and it is not confirmed, `events.confirmation_required`.
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
    const { confirm = false, ...patch } = input.patch;
    if (Object.keys(patch).length === 0) return ok(before);
    const nowMs = deps.clock.nowMs();
    const planned = await planUpdate(deps, before, patch, nowMs);
    if (!planned.ok) return planned;
    const wanted = { ...planned.value, overrides: overridesAfter(before, patch) };
    const confirmed = await confirmChanges(deps, call, { before, after: wanted, confirm });
    if (!confirmed.ok) return confirmed;

    const { after, notices } = confirmed.value;
    const news = wrapNews([...newsOfChange(before, after), ...notices], call, nowMs);
    const note = noteOf(call, "update", nowMs, Object.keys(patch));
    if (after.slug !== before.slug) {
      const outcome = await deps.events.saveRenamed(after, note, news);
      if (outcome === "slug_taken") return slugTaken();
      if (outcome === "overtaken") return outcome;
      deps.pages.forget(after);
      return ok(required(await deps.events.find(after.id), "an event that was just stored is there"));
    }
    if ((await deps.events.save(after, note, news)) === "overtaken") return "overtaken";
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
  deps: Pick<Deps, "categories" | "eventSecrets" | "tags" | "venues">,
  before: EventWithText,
  patch: UpdateEvent,
  nowMs: number,
): Promise<Result<EventWithText>> {
  const times = changeTimes(before, patch);
  if (!times.ok) return fail("request.invalid", "Some fields are not valid; see errors.", { errors: times.errors });
  const { categoryId } = patch;
  const category = categoryId === undefined || categoryId === null ? null : await deps.categories.find(categoryId);
  if (categoryId !== undefined && categoryId !== null && category === null) return unknownCategory();
  const location = await resolveLocation(deps, before.organizationId, patch.location ?? null);
  if (!location.ok) return location;
  const resolved = {
    passwordHash: patch.password === undefined ? null : await deps.eventSecrets.hashPassword(before.id, patch.password),
    times: times.value,
    location: patch.location === undefined ? before.location : location.value,
    tags: patch.tags === undefined ? before.tags : await presentTags(deps, patch.tags),
  };
  const changed = applyPatch(before, patch, resolved, nowMs);
  const after = categoryId === undefined ? changed : { ...changed, categoryName: category?.name ?? null };
  const errors = contentFaults(after, patch);
  if (errors.length > 0) return fail("request.invalid", "Some fields are not valid; see errors.", { errors });
  return checkContent(after);
}

/** An event whose times and content hold together, or what is wrong. */
export function checkContent(after: EventWithText): Result<EventWithText> {
  const errors = timeFaults(after.startsAtMs, after.endsAtMs);
  if (errors.length > 0) return fail("request.invalid", "Some fields are not valid; see errors.", { errors });
  const missing = missingAfterChange(after);
  return missing.length === 0
    ? ok(after)
    : notPublishable("An event that is announced cannot be without these.", missing);
}
