import type { CreateEvent } from "@foyer/contracts/events/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { type EventId, newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { slugify } from "@foyer/kernel/slugs";
import type { Deps } from "../deps.ts";
import { type EventWithText, normalizeTags } from "../domain/event.ts";
import { slugCandidates, summarize, toFacts } from "../domain/facts.ts";
import { changeTimes, noTimes } from "../domain/times.ts";
import { asSystem, authorizeIn } from "./access.ts";
import { noteOf } from "./change.ts";

/**
 * Creates a draft. Its box office is made known first, so that ticket types can be set up from the moment the draft exists;
 * one whose event is never stored is never reached. Fails with `events.organization_not_found`, `request.invalid`, or
 * `platform.unavailable` with nothing written.
 */
export async function createEvent(deps: Deps, call: CallContext, input: CreateEvent): Promise<Result<EventWithText>> {
  const { organizationId } = input;
  const allowed = await authorizeIn(deps, call, {
    organizationId,
    permission: "events.write",
    absentCode: "events.organization_not_found",
  });
  if (!allowed.ok) return allowed;
  return makeDraft(deps, call, input, newId("event", deps.clock.nowMs()));
}

/** Makes a draft under an id that was given out for it, for a caller who may; where the id has an event already, that is the answer. */
export async function makeDraft(
  deps: Deps,
  call: CallContext,
  input: CreateEvent,
  id: EventId,
): Promise<Result<EventWithText>> {
  const { organizationId } = input;
  const times = changeTimes(noTimes, input);
  if (!times.ok) return fail("request.invalid", "Some fields are not valid; see errors.", { errors: times.errors });

  const nowMs = deps.clock.nowMs();
  const [plainSlug, ownSlug] = slugCandidates(slugify(input.title), id);
  const [organizations, category, taken] = await Promise.all([
    deps.users.getOrganizations(asSystem(call), { organizationIds: [organizationId] }),
    input.categoryId === null ? null : deps.categories.find(input.categoryId),
    deps.events.isSlugTaken(organizationId, plainSlug),
  ]);
  if (!organizations.ok) return organizations;
  const organization = organizations.value.find((known) => known.id === organizationId);
  if (organization === undefined) return fail("events.organization_not_found", "No such organization.");
  if (input.categoryId !== null && category === null) return unknownCategory();

  const draft: EventWithText = {
    id,
    organizationId,
    organizationName: organization.name,
    slug: taken ? ownSlug : plainSlug,
    slugIsBare: true,
    status: "draft",
    version: 1,
    locale: "en",
    title: input.title,
    summary: summarize(input.description),
    description: input.description,
    translations: {},
    details: {},
    ...times.value,
    location: input.location,
    categoryId: input.categoryId,
    categoryName: category?.name ?? null,
    tags: normalizeTags(input.tags),
    visibility: input.visibility,
    accessVersion: 1,
    passwordHash: null,
    minimumAge: null,
    cover: null,
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    publishedAtMs: null,
    publishAtMs: null,
    statusNote: null,
    previousStartsAtMs: null,
    calendarSequence: 0,
    seriesId: null,
    recurrenceId: null,
    overrides: [],
  };
  const prepared = await deps.bookings.prepareSale(asSystem(call), { event: toFacts(draft) });
  if (!prepared.ok) return prepared;

  const note = noteOf(call, "create", nowMs);
  // Another event may take the slug after it was looked up. The id's own slug cannot be taken.
  for (const slug of new Set([draft.slug, ownSlug])) {
    if ((await deps.events.insert({ ...draft, slug }, note)) === "stored") return ok({ ...draft, slug });
    const made = await deps.events.find(id);
    if (made !== null) return ok(made);
  }
  throw new Error("a slug made from a fresh id is free");
}

/** The answer to a category that does not exist. */
export function unknownCategory() {
  return fail("request.invalid", "Some fields are not valid; see errors.", {
    errors: [{ path: "categoryId", code: "events.category_not_found", message: "No such category" }],
  });
}
