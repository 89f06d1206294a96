import type { CallContext } from "@foyer/contracts/shared/actor";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import type { OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import type { Venue } from "../domain/venue.ts";
import { authorizeIn } from "./access.ts";

const cursorSchema = z.tuple([z.string().max(64)]);

/** One page of venues. */
export interface VenueList {
  readonly data: readonly Venue[];
  readonly nextCursor: string | null;
}

/** Lists an organization's venues for its members, newest first; `q` is part of a name, address or city. `events.organization_not_found`. */
export async function listVenues(
  deps: Pick<Deps, "users" | "venues">,
  call: CallContext,
  input: {
    readonly organizationId: OrganizationId;
    readonly q: string | undefined;
    readonly limit: number;
    readonly cursor: string | undefined;
  },
): Promise<Result<VenueList>> {
  const { organizationId, q, limit } = input;
  const allowed = await authorizeIn(deps, call, {
    organizationId,
    permission: "events.read",
    absentCode: "events.organization_not_found",
  });
  if (!allowed.ok) return allowed;
  const cursor = input.cursor === undefined ? ok(null) : decodeCursor(input.cursor, cursorSchema);
  if (!cursor.ok) return cursor;
  const rows = await deps.venues.list(organizationId, q, { limit: limit + 1, before: cursor.value?.[0] ?? null });
  return ok(toPage(rows, limit, ({ id }) => [id]));
}
