import type { CallContext } from "@foyer/contracts/shared/actor";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import type { EventId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import type { EventChangeEntry } from "../repository/changes.ts";
import { openEvent } from "./access.ts";

const cursorSchema = z.tuple([z.int().min(1)]);

/** One page of an event's history, newest first; for members of its organization. */
export async function listChanges(
  deps: Pick<Deps, "users" | "events" | "changes">,
  call: CallContext,
  input: { readonly eventId: EventId; readonly limit: number; readonly cursor: string | undefined },
): Promise<Result<{ readonly data: readonly EventChangeEntry[]; readonly nextCursor: string | null }>> {
  const opened = await openEvent(deps, call, input.eventId, "events.read");
  if (!opened.ok) return opened;
  const cursor = input.cursor === undefined ? ok(null) : decodeCursor(input.cursor, cursorSchema);
  if (!cursor.ok) return cursor;
  const rows = await deps.changes.list(input.eventId, { limit: input.limit + 1, before: cursor.value?.[0] ?? null });
  return ok(toPage(rows, input.limit, ({ version }) => [version]));
}
