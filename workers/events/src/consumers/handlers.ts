import type { Handlers } from "@foyer/messaging/consumer";
import type { Deps } from "../deps.ts";
import { answerClosing } from "../service/answer-closing.ts";

/** What events does with what it is told, by type of message. */
export function createHandlers(deps: Pick<Deps, "clock" | "events">): Handlers {
  return {
    "organization.closing": (message) => answerClosing(deps, message),
  };
}
