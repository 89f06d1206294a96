import type { EventId } from "@foyer/kernel/ids";
import type { Deps } from "../deps.ts";

/** What a box office is told of a grant: the access version of a good one, nothing of any other. */
export async function accessOf(
  deps: Pick<Deps, "access">,
  input: { readonly eventId: EventId; readonly grant: string | null },
): Promise<{ readonly accessVersion?: number }> {
  const accessVersion = input.grant === null ? null : await deps.access.versionOf(input.eventId, input.grant);
  return accessVersion === null ? {} : { accessVersion };
}
