import type { Handlers } from "@foyer/messaging/consumer";
import type { Deps } from "../deps.ts";
import { planErased } from "../service/erasure/note-erased.ts";

/** What users does with messages. */
export function usersHandlers(deps: Deps): Handlers {
  return {
    "user.erased": async ({ payload, requestId }) => planErased(deps, { ...payload, requestId }),
  };
}
