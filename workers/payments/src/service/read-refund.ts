import { requireIdentity } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { RefundId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Refund } from "../domain/refund.ts";
import { authorizeOrganizer } from "./organizer.ts";

/** One refund, for its organizer. */
export async function readRefund(deps: Deps, call: CallContext, refundId: RefundId): Promise<Result<Refund>> {
  const identity = requireIdentity(call.actor);
  if (!identity.ok) return identity;
  const absent = { code: "payments.refund_not_found", detail: "No such refund." };
  const refund = await deps.refunds.get(refundId);
  if (refund === null) return { ok: false, error: absent };
  const { organizationId } = refund;
  const allowed = await authorizeOrganizer(deps, call, { organizationId, permission: "payments.read" }, absent);
  return allowed.ok ? ok(refund) : allowed;
}
