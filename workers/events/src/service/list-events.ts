import type { MemberOrder } from "@foyer/contracts/events/lists";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import type { OrganizationId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import type { Event } from "../domain/event.ts";
import type { MemberFilter } from "../repository/list-queries.ts";
import { authorizeIn } from "./access.ts";

const idText = z.string().max(64);
const publicCursor = z.tuple([z.int(), idText]);
/** A cursor names its order where there are several with the same key, so that one of another order is refused. */
const memberCursors = {
  created: z.tuple([idText]).transform(([id]) => [id]),
  start: z.tuple([z.literal("start"), z.int(), idText]).transform(([, atMs, id]) => [atMs, id]),
  updated: z.tuple([z.literal("updated"), z.int(), idText]).transform(([, atMs, id]) => [atMs, id]),
} as const;
/** Where an event without a start stands in the order of starts, as in the database: last. */
const undatedMs = 8_640_000_000_000_000;

/** What is asked of the list. */
export interface ListEvents extends MemberFilter {
  readonly order?: MemberOrder | undefined;
  readonly limit: number;
  readonly cursor: string | undefined;
}

/** One page of events, and whether it was made for a member of their organization. */
export interface EventList {
  readonly data: readonly Event[];
  readonly nextCursor: string | null;
  readonly member: boolean;
}

/** What only members may ask for; the first that is asked for, by its name in the query. */
function memberQuestion(input: ListEvents): string | undefined {
  const { status, visibility, updatedSinceMs: updatedSince, order } = input;
  return Object.entries({ status, visibility, updatedSince, order }).find(([, value]) => value !== undefined)?.[0];
}

/**
 * Lists events: for the public the listed ones by their start, for members of the organization asked for all of its events,
 * newest first or as they say. `status`, `visibility`, `updatedSince` and `order` are members' questions: from others they are refused.
 */
export async function listEvents(deps: Deps, call: CallContext, input: ListEvents): Promise<Result<EventList>> {
  const { organizationId } = input;
  const question = memberQuestion(input);
  if (organizationId !== undefined && (question !== undefined || call.actor.kind !== "anonymous")) {
    const member = await authorizeIn(deps, call, {
      organizationId,
      permission: "events.read",
      absentCode: "events.organization_not_found",
    });
    if (member.ok) return listForMembers(deps, { ...input, organizationId });
    if (question !== undefined) return member;
  } else if (question !== undefined) {
    return fail("request.invalid", "Some fields are not valid; see errors.", {
      errors: [{ path: "query.organizationId", code: "required", message: `Needed together with ${question}` }],
    });
  }
  return listForAll(deps, input);
}

async function listForMembers(
  deps: Deps,
  input: ListEvents & { readonly organizationId: OrganizationId },
): Promise<Result<EventList>> {
  const order = input.order ?? (input.updatedSinceMs === undefined ? "created" : "updated");
  const schema: z.ZodType<(string | number)[]> = memberCursors[order];
  const cursor = input.cursor === undefined ? ok(null) : decodeCursor(input.cursor, schema);
  if (!cursor.ok) return cursor;
  const rows = await deps.lists.ofMembers(input, { limit: input.limit + 1, order, after: cursor.value });
  const keyOf = (event: Event): (string | number)[] => {
    if (order === "created") return [event.id];
    return [order, order === "start" ? (event.startsAtMs ?? undatedMs) : event.updatedAtMs, event.id];
  };
  return ok({ ...toPage(rows, input.limit, keyOf), member: true });
}

async function listForAll(deps: Deps, input: ListEvents): Promise<Result<EventList>> {
  const cursor = input.cursor === undefined ? ok(null) : decodeCursor(input.cursor, publicCursor);
  if (!cursor.ok) return cursor;
  const page = { limit: input.limit + 1, after: cursor.value, nowMs: deps.clock.nowMs() };
  const rows = await deps.lists.public(input, page);
  return ok({ ...toPage(rows, input.limit, (event) => [event.startsAtMs, event.id]), member: false });
}
