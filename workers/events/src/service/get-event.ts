import type { CallContext } from "@foyer/contracts/shared/actor";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { type EventWithText, isPubliclyReadable } from "../domain/event.ts";

/** An event, and whether the reader belongs to its organization and may see what is not public. */
export interface ReadEvent {
  readonly event: EventWithText;
  readonly member: boolean;
}

/**
 * Reads one event. What is not public exists for members of its organization only; where membership cannot be asked, a
 * public event is still read, as the public reads it.
 */
export async function getEvent(
  deps: Pick<Deps, "events" | "users">,
  call: CallContext,
  input: { readonly idOrSlug: string },
): Promise<Result<ReadEvent>> {
  const absent = fail("events.not_found", "No such event.");
  const event = await deps.events.find(input.idOrSlug);
  if (event === null) return absent;
  const open = isPubliclyReadable(event);
  if (call.actor.kind === "anonymous") return open ? ok({ event, member: false }) : absent;
  const { organizationId } = event;
  const membership = await deps.users.authorize(call, { organizationId, permission: "events.read" });
  if (membership.ok) return ok({ event, member: true });
  if (open) return ok({ event, member: false });
  return membership.error.code === "platform.unavailable" ? membership : absent;
}
