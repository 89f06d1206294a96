import type { Envelope } from "@foyer/contracts/messages/envelope";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../deps.ts";

/**
 * What follows from an organization's wish to close: users is told how many of its events stand in the way, which are those that are public
 * and not over. Where none does, nothing of the organization can be published from that very moment on.
 */
export async function answerClosing(
  deps: Pick<Deps, "clock" | "events">,
  { payload, requestId }: Envelope<"organization.closing">,
): Promise<readonly D1PreparedStatement[]> {
  const { organizationId } = payload;
  const nowMs = deps.clock.nowMs();
  const openEvents = await deps.events.countOpen(organizationId, nowMs);
  const answer = newMessage(
    "organization.closing_answered",
    { organizationId, openEvents },
    { source: "events", requestId, nowMs },
  );
  return [
    ...(openEvents === 0 ? [deps.events.closeOrganization(organizationId, nowMs)] : []),
    ...deps.events.tell(answer, nowMs),
  ];
}
