import { type EventId, newId } from "@foyer/kernel/ids";
import type { Deps } from "../deps.ts";
import type { Cover } from "../domain/event.ts";
import { coverOf, type Media } from "../domain/media.ts";

/** Media that show the same objects as another event's. */
export interface CopiedMedia {
  readonly media: readonly Media[];
  readonly cover: Cover | null;
}

/** An event's media for another event of its organization: rows of its own over the same bytes, in the same order, with the same cover. */
export async function copyMedia(
  deps: Pick<Deps, "media" | "clock">,
  from: { readonly eventId: EventId; readonly coverId: string | null },
  toEventId: EventId,
): Promise<CopiedMedia> {
  const createdAtMs = deps.clock.nowMs();
  const pairs = (await deps.media.listOfEvent(from.eventId)).map(({ slot: _taken, ...original }) => ({
    originalId: original.id,
    copy: { ...original, id: newId("media", createdAtMs), eventId: toEventId, createdAtMs } satisfies Media,
  }));
  const cover = pairs.find(({ originalId }) => originalId === from.coverId);
  return { media: pairs.map(({ copy }) => copy), cover: cover === undefined ? null : coverOf(cover.copy) };
}
