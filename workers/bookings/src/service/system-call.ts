import type { CallContext } from "@foyer/contracts/shared/actor";

/** A call to a peer that no person is behind. */
export function systemCall(requestId: string): CallContext {
  return { actor: { kind: "system", name: "bookings" }, requestId };
}
