import type { EventId, Id } from "@foyer/kernel/ids";

/** An image of an event. */
export interface Media {
  readonly id: Id<"media">;
  readonly eventId: EventId;
  readonly contentType: string;
  readonly sizeBytes: number;
  readonly width: number;
  readonly height: number;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly createdAtMs: number;
}

/**
 * A slot that none of an event's images holds, or null where all are taken. Which of the free ones is decided by the new
 * image's id, so that images uploaded side by side rarely want the same.
 */
export function freeSlot(taken: readonly number[], slotsMax: number, mediaId: string): number | null {
  const held = new Set(taken);
  const free = Array.from({ length: slotsMax }, (_, slot) => slot).filter((slot) => !held.has(slot));
  const seed = mediaId.charCodeAt(mediaId.length - 1) + 31 * mediaId.charCodeAt(mediaId.length - 2);
  return free[seed % free.length] ?? null;
}
