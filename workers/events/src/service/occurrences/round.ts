import type { CallContext } from "@foyer/contracts/shared/actor";
import type { Id } from "@foyer/kernel/ids";
import type { EventWithText } from "../../domain/event.ts";
import type { Series } from "../../domain/series.ts";
import type { ChangeNote } from "../../repository/events.ts";
import type { SeriesChange } from "../../repository/series-work.ts";

/** What the dates of one round have in common. */
export interface Round {
  /** The platform's own call: whoever asked was authorised when they did. */
  readonly call: CallContext;
  readonly series: Series;
  /** Changes that one of the dates may yet have to follow, oldest first; the series' newest is among them. */
  readonly changes: readonly SeriesChange[];
  /** Who made the newest change, for the events' histories. */
  readonly actor: string;
  /** The event whose sale is copied; null where no date is left. */
  readonly source: EventWithText | null;
  /** The template's category, while it exists. */
  readonly category: { readonly id: Id<"category">; readonly name: string } | null;
}

/** The note that a round leaves in an event's history. */
export function roundNote(round: Round, action: string, nowMs: number): ChangeNote {
  return { action, actor: round.actor, atMs: nowMs };
}
