import type { AnyEnvelope } from "@foyer/contracts/messages/envelope";
import { outboxStatements } from "@foyer/messaging/outbox-d1";
import type { Write } from "./database.ts";

/** Why the database refused writes that were sound when they were planned; D1 tells by text only. */
const conflicts = {
  email_taken: "UNIQUE constraint failed: users.email",
  slug_taken: "UNIQUE constraint failed: organizations.slug",
  /** The guard of a new membership computes no role where its user owns as many organizations as they may. */
  ownership_limit: "NOT NULL constraint failed: memberships.role",
} as const;

export type Conflict = keyof typeof conflicts;

export type Store = ReturnType<typeof createStore>;

/** Where the writes of a use-case are committed, all or none. */
export function createStore(db: D1Database) {
  return {
    /**
     * Commits writes in one transaction. A conflict that the use-case expects is the answer, and nothing was written then;
     * any other refusal is thrown.
     */
    commit<C extends Conflict = never>(
      writes: readonly Write[],
      expected: readonly C[] = [],
    ): Promise<"committed" | C> {
      return orConflict(expected, async (): Promise<"committed"> => {
        if (writes.length > 0) await db.batch([...writes]);
        return "committed";
      });
    },

    /** The writes that tell other workers of what is committed with them. */
    tell(message: AnyEnvelope, nowMs: number): Write[] {
      return outboxStatements(db, [message], nowMs);
    },
  };
}

/** Does something, with the expected conflicts as answers. */
export async function orConflict<T, C extends Conflict>(expected: readonly C[], act: () => Promise<T>): Promise<T | C> {
  try {
    return await act();
  } catch (thrown) {
    const text = thrown instanceof Error ? thrown.message : "";
    const conflict = expected.find((name) => text.includes(conflicts[name]));
    if (conflict === undefined) throw thrown;
    return conflict;
  }
}
