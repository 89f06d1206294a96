import type { CallContext } from "@foyer/contracts/shared/actor";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import type { OrganizationId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import type { Event } from "../domain/event.ts";
import type { EventFilter } from "../repository/events.ts";
import { authorizeIn } from "./access.ts";

const publicCursor = z.tuple([z.int(), z.string().max(64)]);
const memberCursor = z.tuple([z.string().max(64)]);

/** What is asked of the list. */
export interface ListEvents extends EventFilter {
  readonly limit: number;
  readonly cursor: string | undefined;
}

/** One page of events, and whether it was made for a member of their organization. */
export interface EventList {
  readonly data: readonly Event[];
  readonly nextCursor: string | null;
  readonly member: boolean;
}

/**
 * Lists events: for the public the listed ones by their start, for members of the organization asked for all of its events,
 * newest first. `status` is a member's question: from others it is refused.
 */
export async function listEvents(deps: Deps, call: CallContext, input: ListEvents): Promise<Result<EventList>> {
  const { organizationId, status } = input;
  if (organizationId !== undefined && (status !== undefined || call.actor.kind !== "anonymous")) {
    const member = await authorizeIn(deps, call, {
      organizationId,
      permission: "events.read",
      absentCode: "events.organization_not_found",
    });
    if (member.ok) return listForMembers(deps, organizationId, input);
    if (status !== undefined) return member;
  } else if (status !== undefined) {
    return fail("request.invalid", "Some fields are not valid; see errors.", {
      errors: [{ path: "query.organizationId", code: "required", message: "Needed together with status" }],
    });
  }
  return listForAll(deps, input);
}

async function listForMembers(
  deps: Deps,
  organizationId: OrganizationId,
  input: ListEvents,
): Promise<Result<EventList>> {
  const cursor = input.cursor === undefined ? ok(null) : decodeCursor(input.cursor, memberCursor);
  if (!cursor.ok) return cursor;
  const rows = await deps.events.listOfOrganization(organizationId, input, {
    limit: input.limit + 1,
    before: cursor.value?.[0] ?? null,
  });
  return ok({ ...toPage(rows, input.limit, (event) => [event.id]), member: true });
}

async function listForAll(deps: Deps, input: ListEvents): Promise<Result<EventList>> {
  const cursor = input.cursor === undefined ? ok(null) : decodeCursor(input.cursor, publicCursor);
  if (!cursor.ok) return cursor;
  const rows = await deps.events.listPublic(input, {
    limit: input.limit + 1,
    after: cursor.value,
    nowMs: deps.clock.nowMs(),
  });
  return ok({ ...toPage(rows, input.limit, (event) => [event.startsAtMs, event.id]), member: false });
}
