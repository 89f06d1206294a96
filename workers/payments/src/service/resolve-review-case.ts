import { requireFresh, requirePlatformAdmin } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { ReviewCaseId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { ReviewCase } from "../repository/review-cases.ts";

/**
 * An administrator says what was done about a case, and closes it. The payment itself is not touched: its state follows the
 * provider alone. `payments.review_not_found` where no such case is open.
 */
export async function resolveReviewCase(
  deps: Deps,
  call: CallContext,
  input: { readonly id: ReviewCaseId; readonly resolution: string },
): Promise<Result<ReviewCase>> {
  const admin = requirePlatformAdmin(call.actor);
  if (!admin.ok) return admin;
  const { userId } = admin.value;
  const nowMs = deps.clock.nowMs();
  const fresh = requireFresh(admin.value, nowMs);
  if (!fresh.ok) return fresh;
  const closed = await deps.reviewCases.close(input.id, { userId, resolution: input.resolution, nowMs });
  if (closed === null) return fail("payments.review_not_found", "No such open case.");
  deps.log.info("review case resolved", { caseId: closed.id, reason: closed.reason, userId });
  return ok(closed);
}
