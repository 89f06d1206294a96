import type { ErrorCatalog } from "../shared/errors.ts";
import { categoryErrors } from "./categories.ts";
import { mediaErrors } from "./media-errors.ts";
import { tagErrors } from "./tags.ts";
import { venueErrors } from "./venues.ts";

/** Every code that events answers with, beside the common ones. */
export const eventsErrors = {
  "events.not_found": { kind: "not_found", title: "No such event" },
  "events.organization_not_found": { kind: "not_found", title: "No such organization" },
  ...categoryErrors,
  ...tagErrors,
  ...venueErrors,
  "events.confirmation_required": { kind: "conflict", title: "Ticket holders would be told of this; confirm it" },
  "events.too_many_follows": { kind: "conflict", title: "The account follows as many organizers as it can" },
  "events.import_not_found": { kind: "not_found", title: "No such import" },
  "events.import_unreadable": { kind: "malformed", title: "The file cannot be read as a table" },
  "events.import_too_long": { kind: "too_large", title: "The file has too many lines" },
  "events.import_without_title": { kind: "invalid", title: "No column holds the events' titles" },
  "events.import_running": { kind: "conflict", title: "The import is running" },
  "events.too_many_imports": { kind: "conflict", title: "The organization keeps as many imports as it can" },
  "events.undated": { kind: "conflict", title: "The event has no date yet" },
  "events.not_publishable": { kind: "conflict", title: "The event cannot be published yet" },
  "events.invalid_transition": { kind: "conflict", title: "The event's status does not allow this" },
  "events.tickets_sold": { kind: "conflict", title: "Tickets of the event are out, or being bought" },
  "events.not_editable": { kind: "conflict", title: "The event can no longer be changed" },
  "events.not_deletable": { kind: "conflict", title: "Only drafts that were never published can be deleted" },
  "events.changed_meanwhile": { kind: "conflict", title: "Others are changing the event at the same time" },
  "events.slug_taken": { kind: "conflict", title: "Another event of the organization has or had this slug" },
  "events.password_required": { kind: "forbidden", title: "The event is behind a password" },
  "events.access_denied": { kind: "forbidden", title: "This does not open the event" },
  "events.too_many_attempts": { kind: "limited", title: "Too many attempts" },
  "events.not_gated": { kind: "conflict", title: "Everybody may read this event" },
  "events.not_private": { kind: "conflict", title: "Only private events have guests" },
  "events.guest_not_found": { kind: "not_found", title: "No such guest" },
  "events.too_many_guests": { kind: "conflict", title: "The event has as many guests as it can have" },
  "events.invitation_too_soon": { kind: "limited", title: "The invitation was sent just now" },
  "events.invitation_void": { kind: "gone", title: "The invitation is no longer good" },
  ...mediaErrors,
  "events.not_in_series": { kind: "not_found", title: "The event is no part of a series" },
  "events.already_in_series": { kind: "conflict", title: "The event is part of a series already" },
  "events.times_required": { kind: "conflict", title: "A series needs an event with a start and an end" },
  "events.too_many_occurrences": { kind: "invalid", title: "The series has more dates than one can have" },
} as const satisfies ErrorCatalog;
