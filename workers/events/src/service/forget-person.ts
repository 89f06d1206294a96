import type { Envelope } from "@foyer/contracts/messages/envelope";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../deps.ts";

/**
 * Takes an erased person off all guest lists, ends their following, and tells users so; may be repeated. Lists under an address that they never proved to be theirs are left
 * alone. Throws where users has no answer: again, later.
 */
export async function forgetPerson(
  deps: Pick<Deps, "clock" | "events" | "guests" | "organizers" | "users">,
  { payload, requestId }: Envelope<"user.erasure_due">,
): Promise<readonly D1PreparedStatement[]> {
  const { userId } = payload;
  const due = await deps.users.getErasure({ actor: { kind: "system", name: "events" }, requestId }, { userId });
  // One that is unknown is over: all have answered, this worker too.
  if (!due.ok && due.error.code !== "users.erasure_unknown") throw new Error(`users: ${due.error.code}`);
  const nowMs = deps.clock.nowMs();
  const answer = newMessage("user.erased", { userId, worker: "events" }, { source: "events", requestId, nowMs });
  const lists =
    due.ok && due.value.emailVerified
      ? [deps.guests.forgetPerson(due.value.email.toLowerCase(), due.value.requestedAtMs)]
      : [];
  return [...lists, deps.organizers.forgetFollower(userId), ...deps.events.tell(answer, nowMs)];
}
