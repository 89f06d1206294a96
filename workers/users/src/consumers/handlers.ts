import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Handlers } from "@foyer/messaging/consumer";
import type { Deps } from "../deps.ts";
import { planErased } from "../service/erasure/note-erased.ts";
import { settleClosing } from "../service/organizations/settle-closing.ts";

/** A message as the call that it stands for: its sender's own word. */
function callOf({ source, requestId }: Pick<AnyEnvelope, "source" | "requestId">): CallContext {
  return { actor: { kind: "system", name: source }, requestId };
}

/** What users does with what it is told, by type of message. */
export function createHandlers(deps: Deps): Handlers {
  return {
    "organization.closing_answered": (message) => settleClosing(deps, callOf(message), message.payload),
    "user.erased": async ({ payload, requestId }) => planErased(deps, { ...payload, requestId }),
  };
}
