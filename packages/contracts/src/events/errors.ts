import type { ErrorCatalog } from "../shared/errors.ts";
import { mediaErrors } from "./media-errors.ts";

/** Every code that events answers with, beside the common ones. */
export const eventsErrors = {
  "events.not_found": { kind: "not_found", title: "No such event" },
  "events.organization_not_found": { kind: "not_found", title: "No such organization" },
  "events.category_not_found": { kind: "not_found", title: "No such category" },
  "events.not_publishable": { kind: "conflict", title: "The event cannot be published yet" },
  "events.invalid_transition": { kind: "conflict", title: "The event's status does not allow this" },
  "events.not_editable": { kind: "conflict", title: "The event can no longer be changed" },
  "events.not_deletable": { kind: "conflict", title: "Only drafts that were never published can be deleted" },
  "events.changed_meanwhile": { kind: "conflict", title: "Others are changing the event at the same time" },
  "events.category_taken": { kind: "conflict", title: "A category with this slug exists" },
  "events.category_in_use": { kind: "conflict", title: "The category has events" },
  "events.too_many_categories": { kind: "conflict", title: "There are as many categories as there can be" },
  ...mediaErrors,
} as const satisfies ErrorCatalog;
