import type { EventStatus } from "@foyer/contracts/events/api";
import { fail, ok, type Result } from "@foyer/kernel/result";

export const moves = ["publish", "unpublish", "cancel", "archive"] as const;
export type Move = (typeof moves)[number];

/** Every allowed move, and where it leads. What is not in the table is refused. */
export const lifecycle: Readonly<Record<EventStatus, Readonly<Partial<Record<Move, EventStatus>>>>> = {
  draft: { publish: "published", cancel: "cancelled", archive: "archived" },
  scheduled: {},
  published: { unpublish: "draft", cancel: "cancelled", archive: "archived" },
  postponed: {},
  cancelled: { archive: "archived" },
  completed: { archive: "archived" },
  archived: {},
};

/** The status that a move leads to, or `events.invalid_transition` with what is allowed instead. */
export function moveFrom(status: EventStatus, move: Move): Result<EventStatus> {
  const next = lifecycle[status][move];
  if (next !== undefined) return ok(next);
  return fail("events.invalid_transition", `An event that is ${status} cannot be changed by ${move}.`, {
    extra: { status, allowed: Object.keys(lifecycle[status]) },
  });
}
