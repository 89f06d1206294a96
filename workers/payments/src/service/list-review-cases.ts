import { requirePlatformAdmin } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { ReviewCase } from "../repository/review-cases.ts";

/** Open review cases, newest first, for administrators. One more than `limit` tells that there is a next page. */
export async function listReviewCases(
  deps: Deps,
  call: CallContext,
  page: { readonly limit: number; readonly before: readonly [number, string] | null },
): Promise<Result<readonly ReviewCase[]>> {
  const admin = requirePlatformAdmin(call.actor);
  if (!admin.ok) return admin;
  return ok(await deps.reviewCases.list({ ...page, limit: page.limit + 1 }));
}
