import type { EventStatus } from "@foyer/contracts/events/api";
import type { Actor } from "@foyer/contracts/shared/actor";
import { fail, ok, type Result } from "@foyer/kernel/result";

/** Who may make a move: people and programs of the organization, or the clock alone. */
type Mover = "members" | "clock";

/** Every move, and who makes it. */
export const movers = {
  publish: "members",
  schedule: "members",
  unpublish: "members",
  postpone: "members",
  cancel: "members",
  archive: "members",
  publish_due: "clock",
  complete: "clock",
} as const satisfies Readonly<Record<string, Mover>>;

export type Move = keyof typeof movers;
export const moves = Object.keys(movers) as readonly Move[];

/** Every allowed move, and where it leads. What is not in the table is refused. */
export const lifecycle: Readonly<Record<EventStatus, Readonly<Partial<Record<Move, EventStatus>>>>> = {
  draft: { publish: "published", schedule: "scheduled", cancel: "cancelled", archive: "archived" },
  scheduled: { publish: "published", schedule: "scheduled", unpublish: "draft", publish_due: "published" },
  published: { unpublish: "draft", postpone: "postponed", cancel: "cancelled", complete: "completed" },
  postponed: { publish: "published", cancel: "cancelled" },
  cancelled: { archive: "archived" },
  completed: { archive: "archived" },
  archived: {},
};

function mayMove(move: Move, actor: Actor["kind"]): boolean {
  return movers[move] === "clock" ? actor === "system" : actor === "user" || actor === "api_key";
}

/**
 * The status that a move leads to; `events.invalid_transition` with what this caller may do instead. Whether they belong to the organization
 * is not asked here.
 */
export function moveFrom(status: EventStatus, move: Move, actor: Actor["kind"]): Result<EventStatus> {
  const next = lifecycle[status][move];
  if (next !== undefined && mayMove(move, actor)) return ok(next);
  const allowed = moves.filter((other) => lifecycle[status][other] !== undefined && mayMove(other, actor));
  return fail("events.invalid_transition", `An event that is ${status} cannot be changed by ${move}.`, {
    extra: { status, allowed },
  });
}
