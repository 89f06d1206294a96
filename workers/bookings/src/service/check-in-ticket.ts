import { actorName, type CallContext } from "@foyer/contracts/shared/actor";
import { type EventId, eventIdOf } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { CheckInAnswer, CheckInDirection } from "../durable-objects/operations/check-ins.ts";
import { authorizeEvent } from "./authorize-event.ts";

/** A scan at the door. A code that we did not sign is `unknown`; one of another event says so. */
export async function checkInTicket(
  deps: Deps,
  call: CallContext,
  input: {
    readonly eventId: EventId;
    readonly code: string;
    readonly direction: CheckInDirection;
    readonly nonce: string | null;
    readonly scannedAtMs: number | null;
  },
): Promise<Result<CheckInAnswer>> {
  const { eventId, code: text, ...scan } = input;
  const allowed = await authorizeEvent(deps, call, { eventId, permission: "checkins.write" });
  if (!allowed.ok) return allowed;
  const code = await deps.keys.verify(text);
  if (code === null) return ok({ result: "unknown", ticket: null, checkedInAtMs: null });
  if (eventIdOf(code.ticketId) !== eventId) return ok({ result: "wrong_event", ticket: null, checkedInAtMs: null });
  const scannedBy = actorName(call.actor);
  return (await deps.offices.run(eventId, "checkIn", { ...scan, ...code, scannedBy }, call)).result;
}
