import type { CallContext } from "@foyer/contracts/shared/actor";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { type Asked, forwardingPath } from "../domain/addresses.ts";
import type { EventWithText } from "../domain/event.ts";
import { decideReading, type Gate, isGated, type Reading } from "../domain/reading.ts";
import { asSystem } from "./access.ts";

type ReadingDeps = Pick<Deps, "events" | "users" | "findOrganization" | "eventSecrets" | "clock">;

/** An event for somebody who may read it. */
export interface ReadEvent {
  readonly event: EventWithText;
  readonly reading: Exclude<Reading, "absent" | "password_required">;
  /** Belongs to its organization, and sees what is not public. */
  readonly member: boolean;
  /** The path that leads on, where it was asked for by an old slug. */
  readonly forward: string | null;
}

/** A grant that the caller shows, or none. */
export interface Shown {
  readonly grant: string | undefined;
}

/**
 * Reads one event by its id or slug, or by its slug in an organization. What is not public exists for members only, and what is gated for whoever
 * shows a grant; where membership cannot be asked, an event that the public may read is read as the public reads it.
 */
export async function getEvent(deps: ReadingDeps, call: CallContext, input: Asked & Shown): Promise<Result<ReadEvent>> {
  const found = await find(deps, call, input);
  if (!found.ok) return found;
  const event = found.value;
  if (event === null) return absent;
  const decided = await readingOf(deps, call, event, input);
  if (!decided.ok) return decided;
  const reading = decided.value;
  return ok({ event, reading, member: reading === "member", forward: forwardingPath(event, input) });
}

const absent = fail("events.not_found", "No such event.");

async function find(deps: ReadingDeps, call: CallContext, asked: Asked): Promise<Result<EventWithText | null>> {
  if ("idOrSlug" in asked) return ok(await deps.events.find(asked.idOrSlug));
  const organizationId = await deps.findOrganization(asSystem(call), asked.organization);
  if (organizationId.ok) return ok(await deps.events.findInOrganization(organizationId.value, asked.slug));
  return organizationId.error.code === "platform.unavailable" ? organizationId : absent;
}

/**
 * How the caller may read an event or what belongs to it, or `events.password_required` with the event's title, or
 * `events.not_found`.
 */
export async function readingOf(
  deps: Pick<Deps, "users" | "eventSecrets" | "clock">,
  call: CallContext,
  event: Gate & Pick<EventWithText, "id" | "organizationId" | "title">,
  { grant }: Shown,
): Promise<Result<ReadEvent["reading"]>> {
  const { id: eventId, organizationId } = event;
  const grantedVersion =
    grant === undefined || !isGated(event.visibility)
      ? null
      : await deps.eventSecrets.verify(grant, { eventId, nowMs: deps.clock.nowMs() });
  const asStranger = decideReading(event, { member: false, grantedVersion });
  if (call.actor.kind !== "anonymous") {
    const membership = await deps.users.authorize(call, { organizationId, permission: "events.read" });
    if (membership.ok) return ok("member");
    if (isRefusal(asStranger) && membership.error.code === "platform.unavailable") return membership;
  }
  if (asStranger === "absent") return absent;
  if (asStranger === "password_required")
    return fail("events.password_required", "Ask the organizer for the password.", {
      extra: { eventTitle: event.title, eventId },
    });
  return ok(asStranger === "member" ? "open" : asStranger);
}

function isRefusal(reading: Reading): boolean {
  return reading === "absent" || reading === "password_required";
}
