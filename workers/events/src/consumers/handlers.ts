import type { Handlers } from "@foyer/messaging/consumer";
import type { Deps } from "../deps.ts";
import { answerClosing } from "../service/answer-closing.ts";
import { forgetPerson } from "../service/forget-person.ts";
import { renameOrganization } from "../service/rename-organization.ts";

/** What events does with what it is told, by type of message. */
export function createHandlers(deps: Pick<Deps, "clock" | "events" | "guests" | "users" | "pages">): Handlers {
  return {
    "organization.closing": (message) => answerClosing(deps, message),
    "organization.updated": (message) => renameOrganization(deps, message),
    "user.erasure_due": (message) => forgetPerson(deps, message),
  };
}
