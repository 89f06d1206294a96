import type { CallContext } from "@foyer/contracts/shared/actor";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import type { EventId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import type { Guest } from "../domain/guests.ts";
import { openEvent } from "./access.ts";

const cursorSchema = z.tuple([z.string().max(64)]);

/** One page of an event's guests, oldest first. */
export async function listGuests(
  deps: Deps,
  call: CallContext,
  input: { readonly eventId: EventId; readonly limit: number; readonly cursor: string | undefined },
): Promise<Result<{ readonly data: readonly Guest[]; readonly nextCursor: string | null }>> {
  const { eventId, limit } = input;
  const opened = await openEvent(deps, call, eventId, "events.write");
  if (!opened.ok) return opened;
  const cursor = input.cursor === undefined ? ok(null) : decodeCursor(input.cursor, cursorSchema);
  if (!cursor.ok) return cursor;
  const rows = await deps.guests.list(eventId, { after: cursor.value?.[0] ?? "", limit: limit + 1 });
  return ok(toPage(rows, limit, (guest) => [guest.id]));
}
