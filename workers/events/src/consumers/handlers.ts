import type { Handlers } from "@foyer/messaging/consumer";
import type { Deps } from "../deps.ts";
import { answerClosing } from "../service/answer-closing.ts";
import { forgetPerson } from "../service/forget-person.ts";
import { renameOrganization } from "../service/rename-organization.ts";
import { wakeFor } from "../service/series-progress.ts";
import { workSeries } from "../service/work-series.ts";

/** What events does with what it is told, by type of message. */
export function createHandlers(deps: Deps): Handlers {
  return {
    "organization.closing": (message) => answerClosing(deps, message),
    "organization.updated": (message) => renameOrganization(deps, message),
    "user.erasure_due": (message) => forgetPerson(deps, message),
    "event.series_due": async ({ payload, requestId }) => {
      const more = await workSeries(deps, { actor: { kind: "system", name: "events" }, requestId }, payload.seriesId);
      if (!more) return [];
      const nowMs = deps.clock.nowMs();
      return deps.events.tell(wakeFor({ id: payload.seriesId }, { requestId }, nowMs), nowMs);
    },
  };
}
