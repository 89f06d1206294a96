import type { EventsRpc } from "@foyer/contracts/events/rpc";
import type { UsersRpc } from "@foyer/contracts/users/rpc";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { describeError, type Logger } from "@foyer/telemetry/logger";
import type { Peers } from "../service/ports.ts";

/** Asks users and events by RPC. */
export function createPeers(
  bindings: { readonly users: Pick<UsersRpc, "authorize">; readonly events: EventsRpc },
  log: Logger,
): Peers {
  /** An RPC call throws when the other worker does; callers are told to come again. */
  async function ask<T>(peer: string, call: () => Promise<Result<T>>): Promise<Result<T>> {
    try {
      return await call();
    } catch (thrown) {
      log.error("peer unavailable", { peer, ...describeError(thrown) });
      return fail("platform.unavailable", "The figures cannot be had right now.");
    }
  }

  return {
    async findOwner(requestId, eventId) {
      const call = { actor: { kind: "system", name: "analytics" }, requestId } as const;
      const event = await ask("events", () => bindings.events.getEvent(call, { eventId }));
      return event.ok ? ok(event.value.organizationId) : event;
    },
    authorizeReading: (call, organizationId) =>
      ask("users", () => bindings.users.authorize(call, { organizationId, permission: "analytics.read" })),
  };
}
