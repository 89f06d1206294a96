import type { Event } from "../domain/event.ts";
import {
  calendarList,
  calledOffList,
  type ListQuery,
  latestList,
  memberList,
  publicList,
  upcomingList,
} from "./list-queries.ts";
import { type EventRow, eventFromRow } from "./rows.ts";

/** Lists of events, each one round trip; what they hold and how they are ordered is told in `list-queries.ts`. */
export function createListRepository(db: D1Database) {
  async function run({ sql, values }: ListQuery): Promise<Event[]> {
    const { results } = await db
      .prepare(sql)
      .bind(...values)
      .all<EventRow>();
    return results.map(eventFromRow);
  }
  return {
    public: (...input: Parameters<typeof publicList>) => run(publicList(...input)),
    ofMembers: (...input: Parameters<typeof memberList>) => run(memberList(...input)),
    upcoming: (...input: Parameters<typeof upcomingList>) => run(upcomingList(...input)),
    latest: (...input: Parameters<typeof latestList>) => run(latestList(...input)),
    calledOff: (...input: Parameters<typeof calledOffList>) => run(calledOffList(...input)),
    calendar: (...input: Parameters<typeof calendarList>) => run(calendarList(...input)),
  };
}

export type ListRepository = ReturnType<typeof createListRepository>;
