import type { CreateEvent } from "@foyer/contracts/events/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { toEpochMs } from "@foyer/contracts/shared/schemas";
import { assert } from "@foyer/kernel/assert";
import { newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { slugify } from "@foyer/kernel/slugs";
import type { Deps } from "../deps.ts";
import type { EventWithText } from "../domain/event.ts";
import { slugCandidates, summarize, toFacts } from "../domain/facts.ts";
import { timeFaults } from "../domain/publishing.ts";
import { asSystem, authorizeIn } from "./access.ts";
import { noteOf } from "./change.ts";
import { resolveLocation, unknownVenue } from "./resolve-location.ts";
import { presentTags } from "./settle-tags.ts";

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

  const startsAtMs = input.startsAt === null ? null : toEpochMs(input.startsAt);
  const endsAtMs = input.endsAt === null ? null : toEpochMs(input.endsAt);
  const errors = timeFaults(startsAtMs, endsAtMs);
  if (errors.length > 0) return fail("request.invalid", "Some fields are not valid; see errors.", { errors });

  const nowMs = deps.clock.nowMs();
  const id = newId("event", nowMs);
  const [plainSlug, ownSlug] = slugCandidates(slugify(input.title), id);
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
    startsAtMs,
    endsAtMs,
    timezone: input.timezone,
    allDay: false,
    location: location.value,
    categoryId: input.categoryId,
    categoryName: category?.name ?? null,
    tags,
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
  const outcome = await deps.events.insert(draft, note);
  if (outcome === "stored") return ok(draft);
  if (outcome === "venue_gone") return unknownVenue();
  // Another event took the slug since it was looked up. The id's own slug cannot be taken.
  const renamed = { ...draft, slug: ownSlug };
  const second = await deps.events.insert(renamed, note);
  if (second === "venue_gone") return unknownVenue();
  assert(second === "stored", "a slug made from a fresh id is free");
  return ok(renamed);
}

/** The answer to a category that does not exist. */
export function unknownCategory() {
  return fail("request.invalid", "Some fields are not valid; see errors.", {
    errors: [{ path: "categoryId", code: "events.category_not_found", message: "No such category" }],
  });
}
