import { limits } from "@foyer/kernel/limits";
import type { Env } from "../env.ts";
import type { MailDeps } from "../service/ports.ts";
import { withTimeout } from "./timeout.ts";

/** The peers that are asked what to write and whom to, each call within a bounded time, so that a hanging peer holds up no lane. */
export function createPeers(
  env: Pick<Env, "USERS" | "BOOKINGS" | "EVENTS">,
  timeoutMs: number = limits.outsideCallTimeoutMs,
): Pick<MailDeps, "users" | "bookings" | "events"> {
  return {
    users: {
      getLetter: (call, input) => withTimeout(env.USERS.getLetter(call, input), timeoutMs),
      getContacts: (call, input) => withTimeout(env.USERS.getContacts(call, input), timeoutMs),
      getErasure: (call, input) => withTimeout(env.USERS.getErasure(call, input), timeoutMs),
    },
    bookings: {
      getOrderDocument: (call, input) => withTimeout(env.BOOKINGS.getOrderDocument(call, input), timeoutMs),
    },
    events: {
      getInvitation: (call, input) => withTimeout(env.EVENTS.getInvitation(call, input), timeoutMs),
    },
  };
}
