import { type EventStatus, eventStatuses } from "@foyer/contracts/events/api";
import type { Actor } from "@foyer/contracts/shared/actor";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { lifecycle, type Move, moveFrom, moves } from "../../src/domain/lifecycle.ts";

const actors: readonly Actor["kind"][] = ["user", "api_key", "system", "anonymous"];

/** Written apart from the code's own table, so that a change there has to be meant: state, move, next state, by the clock. */
const allowed: readonly (readonly [EventStatus, Move, EventStatus, "clock"?])[] = [
  ["draft", "publish", "published"],
  ["draft", "schedule", "scheduled"],
  ["draft", "cancel", "cancelled"],
  ["draft", "archive", "archived"],
  ["scheduled", "publish", "published"],
  ["scheduled", "schedule", "scheduled"],
  ["scheduled", "unpublish", "draft"],
  ["scheduled", "publish_due", "published", "clock"],
  ["published", "unpublish", "draft"],
  ["published", "postpone", "postponed"],
  ["published", "cancel", "cancelled"],
  ["published", "complete", "completed", "clock"],
  ["postponed", "publish", "published"],
  ["postponed", "cancel", "cancelled"],
  ["cancelled", "archive", "archived"],
  ["completed", "archive", "archived"],
];

function targetOf(status: EventStatus, move: Move, actor: Actor["kind"]): EventStatus | undefined {
  const row = allowed.find(([from, name]) => from === status && name === move);
  if (row === undefined) return undefined;
  const mayMove = row[3] === "clock" ? actor === "system" : actor === "user" || actor === "api_key";
  return mayMove ? row[2] : undefined;
}

describe.each(eventStatuses)("from %s", (status) => {
  test.each(actors)("every move of %s goes where the table says or nowhere, and says what is allowed", (actor) => {
    for (const move of moves) {
      const target = targetOf(status, move, actor);
      const result = moveFrom(status, move, actor);
      if (target === undefined) {
        const open = moves.filter((other) => targetOf(status, other, actor) !== undefined);
        expect([move, result]).toMatchObject([
          move,
          { ok: false, error: { code: "events.invalid_transition", extra: { status, allowed: open } } },
        ]);
      } else {
        expect([move, result]).toEqual([move, { ok: true, value: target }]);
      }
    }
  });
});

test("no walk of any length leaves the table, and nothing leaves the archive", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.constantFrom(...moves), fc.constantFrom(...actors)), { maxLength: 30 }),
      (walk) => {
        let status: EventStatus = "draft";
        for (const [move, actor] of walk) {
          const next = moveFrom(status, move, actor);
          if (next.ok) expect(lifecycle[status][move]).toBe(next.value);
          if (status === "archived") expect(next.ok).toBe(false);
          if (next.ok) status = next.value;
        }
      },
    ),
  );
});
