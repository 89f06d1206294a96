import type { CallContext, HolderProof } from "@foyer/contracts/shared/actor";
import type { EventId, OrderId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { isPubliclyReadable } from "../domain/event.ts";
import { asSystem } from "./access.ts";

/**
 * Where to join an event online, for members of its organization and holders of a valid ticket: by their account, or by an order and its secret. For all
 * others, and where there is nothing to join, `events.not_found`.
 */
export async function joinEvent(
  deps: Pick<Deps, "events" | "users" | "bookings">,
  call: CallContext,
  input: { readonly eventId: EventId; readonly orderId: OrderId | undefined; readonly proof: HolderProof },
): Promise<Result<{ readonly url: string }>> {
  const { eventId, orderId, proof } = input;
  const event = await deps.events.find(eventId);
  const location = event?.location ?? null;
  if (event === null || location === null || location.kind === "venue" || location.url === undefined) return absent;
  const { organizationId } = event;
  if (call.actor.kind !== "anonymous") {
    const membership = await deps.users.authorize(call, { organizationId, permission: "events.read" });
    if (membership.ok) return ok({ url: location.url });
  }
  if (!isPubliclyReadable(event)) return absent;
  const asked = call.actor.kind === "api_key" ? asSystem(call) : call;
  if (asked.actor.kind !== "user" && (orderId === undefined || proof.secret === undefined)) return absent;
  const held = await deps.bookings.holdsTicket(asked, {
    eventId,
    ...(orderId === undefined ? {} : { orderId }),
    proof,
  });
  if (held.ok) return ok({ url: location.url });
  return held.error.code === "platform.unavailable" ? held : absent;
}

const absent = fail("events.not_found", "Nothing to join here.");
