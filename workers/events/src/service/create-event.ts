import type { CreateEvent } from "@foyer/contracts/events/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { assert } from "@foyer/kernel/assert";
import { type EventId, newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { slugify } from "@foyer/kernel/slugs";
import type { Deps } from "../deps.ts";
import { contentFaults, mergeDetails } from "../domain/content.ts";
import { type EventWithText, newLife } from "../domain/event.ts";
import { slugCandidates, toFacts } from "../domain/facts.ts";
import { summaryOf } from "../domain/markdown.ts";
import { changeTimes, noTimes } from "../domain/times.ts";
import { asSystem, authorizeIn } from "./access.ts";
import { noteOf } from "./change.ts";
import { resolveLocation, unknownVenue } from "./resolve-location.ts";
import { presentTags } from "./settle-tags.ts";

/**
 * Creates a draft. Its box office is made known first, so that ticket types can be set up from the moment the draft exists;
 * one whose event is never stored is never reached. Fails with `events.organization_not_found`, `request.invalid`,
 * `events.slug_taken`, or `platform.unavailable`, with nothing written.
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
  const { visibility, password } = input;
  const passwordHash =
    password === undefined || visibility !== "password" ? null : await deps.eventSecrets.hashPassword(id, password);
  const [titleSlug, ownSlug] = slugCandidates(slugify(input.title), id);
  const plainSlug = input.slug ?? titleSlug;
  const [organizations, category, taken, location, tags] = await Promise.all([
    deps.users.getOrganizations(asSystem(call), { organizationIds: [organizationId] }),
    input.categoryId === null ? null : deps.categories.find(input.categoryId),
    deps.events.isSlugTaken(organizationId, plainSlug),
    resolveLocation(deps, organizationId, input.location),
    presentTags(deps, input.tags),
  ]);
  if (!organizations.ok) return organizations;
  const organization = organizations.value.find((known) => known.id === organizationId);
  if (organization === undefined) return fail("events.organization_not_found", "No such organization.");
  if (input.categoryId !== null && category === null) return unknownCategory();
  if (!location.ok) return location;
  if (taken && input.slug !== undefined) {
    const made = await deps.events.find(id);
    return made === null ? slugTaken() : ok(made);
  }

  const draft: EventWithText = {
    ...newLife(nowMs),
    id,
    organizationId,
    organizationName: organization.name,
    slug: taken ? ownSlug : plainSlug,
    locale: input.locale,
    title: input.title,
    summary: summaryOf(input.description),
    description: input.description,
    translations: input.translations,
    details: mergeDetails({}, input),
    ...times.value,
    location: location.value,
    categoryId: input.categoryId,
    categoryName: category?.name ?? null,
    tags,
    visibility,
    passwordHash,
    minimumAge: input.minimumAge,
    cover: null,
  };
  const errors = contentFaults(draft, input);
  if (errors.length > 0) return fail("request.invalid", "Some fields are not valid; see errors.", { errors });
  const prepared = await deps.bookings.prepareSale(asSystem(call), { event: toFacts(draft) });
  if (!prepared.ok) return prepared;

  const note = noteOf(call, "create", nowMs);
  // Another event may take the slug after it was looked up. The id's own slug cannot be taken.
  for (const slug of new Set([draft.slug, input.slug ?? ownSlug])) {
    const stored = await deps.events.insert({ ...draft, slug }, note);
    if (stored === "venue_gone") return unknownVenue();
    if (stored !== "taken") return ok({ ...draft, slug, ...stored });
    const made = await deps.events.find(id);
    if (made !== null) return ok(made);
  }
  assert(input.slug !== undefined, "a slug made from a fresh id is free");
  return slugTaken();
}

/** The answer to a slug that another event of the organization has or had. */
export function slugTaken() {
  return fail("events.slug_taken", "Another event of the organization has or had this slug.", {
    errors: [{ path: "slug", code: "taken", message: "This slug leads to another event" }],
  });
}

/** The answer to a category that does not exist. */
export function unknownCategory() {
  return fail("request.invalid", "Some fields are not valid; see errors.", {
    errors: [{ path: "categoryId", code: "events.category_not_found", message: "No such category" }],
  });
}
