import type { ReplaceEvent } from "@foyer/contracts/events/api";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { toPatch } from "../domain/content.ts";
import type { EventWithText } from "../domain/event.ts";
import { updateEvent } from "./update-event.ts";

/** Gives an event another content, whole: what is left out is reset. Fails as {@link updateEvent} does. */
export function replaceEvent(
  deps: Deps,
  call: CallContext,
  input: { readonly idOrSlug: string; readonly ifMatch: string | undefined; readonly content: ReplaceEvent },
): Promise<Result<EventWithText>> {
  const { idOrSlug, ifMatch, content } = input;
  return updateEvent(deps, call, { idOrSlug, ifMatch, patch: toPatch(content) });
}
