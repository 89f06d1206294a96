import { requireUser } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { decodeCursor, toPage } from "@foyer/http/cursor";
import type { OrganizationId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import * as z from "zod";
import type { Deps } from "../deps.ts";
import { asSystem } from "./access.ts";

const cursorSchema = z.tuple([z.int(), z.string().max(64)]);

/** An organizer whom the caller follows. */
export interface FollowedOrganizer {
  readonly organizationId: OrganizationId;
  readonly slug: string;
  readonly name: string;
  readonly followedAtMs: number;
}

/** Whom the caller follows, those followed last first. */
export async function listFollowed(
  deps: Pick<Deps, "users" | "organizers">,
  call: CallContext,
  input: { readonly limit: number; readonly cursor: string | undefined },
): Promise<Result<{ readonly data: readonly FollowedOrganizer[]; readonly nextCursor: string | null }>> {
  const user = requireUser(call.actor);
  if (!user.ok) return user;
  const before = input.cursor === undefined ? ok(null) : decodeCursor(input.cursor, cursorSchema);
  if (!before.ok) return before;
  const rows = await deps.organizers.listFollowed(user.value.userId, { limit: input.limit + 1, before: before.value });
  const page = toPage(rows, input.limit, (row) => [row.followedAtMs, row.organizationId]);
  const organizationIds = page.data.map((row) => row.organizationId);
  const named = await deps.users.getOrganizations(asSystem(call), { organizationIds });
  if (!named.ok) return named;
  const byId = new Map(named.value.map((organization) => [organization.id, organization]));
  const data = page.data.flatMap((row) => {
    const known = byId.get(row.organizationId);
    return known === undefined ? [] : [{ ...row, slug: known.slug, name: known.name }];
  });
  return ok({ data, nextCursor: page.nextCursor });
}
