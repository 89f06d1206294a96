import { requireFresh, requirePlatformAdmin } from "@foyer/auth/guards";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { PaymentId } from "@foyer/kernel/ids";
import type { Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { type Settled, settlePayment } from "./settle-payment.ts";

/** Compares one payment with the provider now, for an administrator of the platform who looks into it. */
export async function reconcilePayment(deps: Deps, call: CallContext, paymentId: PaymentId): Promise<Result<Settled>> {
  const admin = requirePlatformAdmin(call.actor);
  if (!admin.ok) return admin;
  const fresh = requireFresh(admin.value, deps.clock.nowMs());
  if (!fresh.ok) return fresh;
  return settlePayment(deps, { cause: "administrator", requestId: call.requestId }, paymentId);
}
