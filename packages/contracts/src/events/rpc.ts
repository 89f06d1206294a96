import type { EventId, Id, OrganizationId } from "@foyer/kernel/ids";
import type { Result } from "@foyer/kernel/result";
import type { CallContext } from "../shared/actor.ts";
import type { EventStatus } from "./api.ts";
import type { EventInvitation } from "./guests.ts";

/** What other workers ask of events. Implemented by the default entrypoint of workers/events. */
export interface EventsRpc {
  /** The public facts of an event, whatever its status; `events.not_found` for unknown ids. */
  getEvent(call: CallContext, input: { readonly eventId: EventId }): Promise<Result<EventFacts>>;
  /**
   * An invitation to a private event, for its mail. System actors only. Fails with `events.invitation_void` where nobody needs it any more: the
   * guest was taken off the list, or the event cannot be read by its guests.
   */
  getInvitation(
    call: CallContext,
    input: { readonly eventId: EventId; readonly guestId: Id<"guest"> },
  ): Promise<Result<EventInvitation>>;
}

/** What other domains need to know of an event. `version` grows with every change, so late news are recognized. */
export interface EventFacts {
  readonly eventId: EventId;
  readonly organizationId: OrganizationId;
  readonly version: number;
  readonly status: EventStatus;
  readonly slug: string;
  readonly title: string;
  /** Epoch milliseconds; null while a draft has none. */
  readonly startsAtMs: number | null;
  readonly endsAtMs: number | null;
  readonly timezone: string;
  /** One line for mails and tickets: the venue's name and city, or "Online". */
  readonly place: string;
  /** Of a gated event, what a grant must name to open it; null where everyone may buy. */
  readonly accessVersion: number | null;
  /** What the organizer says of a cancellation or postponement, in their own words; null where they said nothing. */
  readonly note: string | null;
}
