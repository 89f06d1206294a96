import type { EventDetails, ReplaceEvent, UpdateEvent } from "@foyer/contracts/events/api";
import type { FieldFault } from "@foyer/kernel/result";
import { type EventWithText, normalizeTags } from "./event.ts";
import { summaryOf } from "./markdown.ts";
import { accessVersionAfter } from "./reading.ts";
import { translationFaults } from "./texts.ts";
import type { EventTimes } from "./times.ts";

/** A whole content as the change that leads to it: what it leaves out is reset. The slug stays, and so does the password of a gate that stays. */
export function toPatch(content: ReplaceEvent): UpdateEvent {
  const { contact, links, refundPolicy, seo, ...others } = content;
  return {
    ...others,
    contact: contact ?? null,
    links: links ?? null,
    refundPolicy: refundPolicy ?? null,
    seo: seo ?? null,
  };
}

/** What is said of an event beside its text, time and place; null and an absent value are the same. */
type GivenDetails = { readonly [K in keyof EventDetails]?: EventDetails[K] | null };

/** Details with some of them changed: null removes, what is not named stays. */
export function mergeDetails(before: EventDetails, given: GivenDetails): EventDetails {
  const { contact, links, refundPolicy, seo } = given;
  const merged = { ...before, ...named({ contact, links, refundPolicy, seo }) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

function named(values: Readonly<Record<string, unknown>>) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

/**
 * An event with a change applied, as its next version. `passwordHash` is the hash of the patch's password, null where it names none; an event that is
 * behind no password keeps none.
 */
export function applyPatch(
  before: EventWithText,
  patch: UpdateEvent,
  { passwordHash, times }: { readonly passwordHash: string | null; readonly times: EventTimes },
  nowMs: number,
): EventWithText {
  const description = patch.description ?? before.description;
  const visibility = patch.visibility ?? before.visibility;
  const secured = {
    visibility,
    passwordHash: visibility === "password" ? (passwordHash ?? before.passwordHash) : null,
  };
  return {
    ...before,
    ...secured,
    accessVersion: accessVersionAfter(before, secured),
    version: before.version + 1,
    slug: patch.slug ?? before.slug,
    locale: patch.locale ?? before.locale,
    title: patch.title ?? before.title,
    description,
    summary: description === before.description ? before.summary : summaryOf(description),
    translations: patch.translations ?? before.translations,
    ...times,
    location: patch.location === undefined ? before.location : patch.location,
    categoryId: patch.categoryId === undefined ? before.categoryId : patch.categoryId,
    tags: patch.tags === undefined ? before.tags : normalizeTags(patch.tags),
    minimumAge: patch.minimumAge === undefined ? before.minimumAge : patch.minimumAge,
    details: mergeDetails(before.details, patch),
    updatedAtMs: nowMs,
  };
}

/** What is wrong with an event's content as it would be, but for its times; `given` says whether the caller named a password. */
export function contentFaults(event: EventWithText, given: { readonly password?: string | undefined }): FieldFault[] {
  return [...translationFaults(event), ...passwordFaults(event, given)];
}

function passwordFaults(
  { visibility, passwordHash }: EventWithText,
  { password }: { readonly password?: string | undefined },
): FieldFault[] {
  if (visibility === "password" && passwordHash === null)
    return [{ path: "password", code: "required", message: "Needed for this visibility" }];
  if (visibility !== "password" && password !== undefined)
    return [{ path: "password", code: "events.password_unused", message: "Only for the visibility `password`" }];
  return [];
}
