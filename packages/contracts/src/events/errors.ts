import type { ErrorCatalog } from "../shared/errors.ts";

/** Every code that events answers with, beside the common ones. */
export const eventsErrors = {
  "events.not_found": { kind: "not_found", title: "No such event" },
  "events.organization_not_found": { kind: "not_found", title: "No such organization" },
  "events.category_not_found": { kind: "not_found", title: "No such category" },
  "events.media_not_found": { kind: "not_found", title: "No such image" },
  "events.not_publishable": { kind: "conflict", title: "The event cannot be published yet" },
  "events.invalid_transition": { kind: "conflict", title: "The event's status does not allow this" },
  "events.not_editable": { kind: "conflict", title: "The event can no longer be changed" },
  "events.not_deletable": { kind: "conflict", title: "Only drafts that were never published can be deleted" },
  "events.changed_meanwhile": { kind: "conflict", title: "Others are changing the event at the same time" },
  "events.category_taken": { kind: "conflict", title: "A category with this slug exists" },
  "events.category_in_use": { kind: "conflict", title: "The category has events" },
  "events.too_many_categories": { kind: "conflict", title: "There are as many categories as there can be" },
  "events.too_many_media": { kind: "conflict", title: "The event has as many images as it can have" },
  "events.unsupported_media": { kind: "unsupported_media", title: "Not an image of a supported type" },
  "events.media_too_large": { kind: "too_large", title: "The image is too large" },
  "events.upload_incomplete": { kind: "malformed", title: "The upload did not arrive whole" },
  "events.range_not_satisfiable": { kind: "range_not_satisfiable", title: "The range lies outside the image" },
  "events.not_in_series": { kind: "not_found", title: "The event is no part of a series" },
  "events.already_in_series": { kind: "conflict", title: "The event is part of a series already" },
  "events.times_required": { kind: "conflict", title: "A series needs an event with a start and an end" },
  "events.too_many_occurrences": { kind: "invalid", title: "The series has more dates than one can have" },
  "events.confirmation_required": { kind: "conflict", title: "The change has to be confirmed" },
} as const satisfies ErrorCatalog;
