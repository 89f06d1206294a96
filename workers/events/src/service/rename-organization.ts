import type { Envelope } from "@foyer/contracts/messages/envelope";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { ok } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { newsOfChange } from "../domain/news.ts";
import { noteOf, untilStored, wrapNews } from "./change.ts";

type RenameDeps = Pick<Deps, "clock" | "events" | "users" | "pages">;

/**
 * Writes an organization's present name into its events, each as a change of its own, so that whoever shows them is told. May be repeated. Throws where
 * more are left than one delivery takes, or users has no answer: again, later.
 */
export async function renameOrganization(
  deps: RenameDeps,
  { payload, requestId }: Envelope<"organization.updated">,
): Promise<readonly D1PreparedStatement[]> {
  const { organizationId } = payload;
  const call: CallContext = { actor: { kind: "system", name: "events" }, requestId };
  const found = await deps.users.getOrganizations(call, { organizationIds: [organizationId] });
  if (!found.ok) throw new Error(`users: ${found.error.code}`);
  const name = found.value.find(({ id }) => id === organizationId)?.name;
  if (name === undefined) return [];
  const due = await deps.events.listMisnamed(organizationId, name, limits.eventsRenamedPerRunMax + 1);
  for (const eventId of due.slice(0, limits.eventsRenamedPerRunMax)) {
    const renamed = await rename(deps, call, eventId, name);
    if (!renamed.ok) throw new Error(renamed.error.code);
  }
  if (due.length > limits.eventsRenamedPerRunMax) throw new Error("more events bear the old name");
  return [];
}

function rename(deps: RenameDeps, call: CallContext, eventId: EventId, organizationName: string) {
  return untilStored<null>(async () => {
    const before = await deps.events.find(eventId);
    if (before === null || before.organizationName === organizationName) return ok(null);
    const nowMs = deps.clock.nowMs();
    const after = { ...before, organizationName, version: before.version + 1, updatedAtMs: nowMs };
    const news = wrapNews(newsOfChange(before, after), call, nowMs);
    if ((await deps.events.save(after, noteOf(call, "rename_organization", nowMs), news)) === "overtaken")
      return "overtaken";
    deps.pages.forget(after);
    return ok(null);
  });
}
