import type { CallContext } from "@foyer/contracts/shared/actor";

/** A call to a peer with nobody behind it but this worker. */
export function systemCall(requestId: string): CallContext {
  return { actor: { kind: "system", name: "notifications" }, requestId };
}
