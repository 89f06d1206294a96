import { limits } from "@foyer/kernel/limits";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import { isLive, type Payment } from "../domain/payment.ts";
import { followUpPaidOrder } from "./follow-up-paid-order.ts";
import { pursueRefund } from "./pursue-refund.ts";
import { processProviderEvent } from "./receive-provider-event.ts";
import { settlePayment } from "./settle-payment.ts";

/**
 * The clockwork: whatever a lost webhook, a crash or somebody's bad minute left unfinished is taken up again. Every list is
 * bounded and leased, so two runs at once share the work. One item that fails holds up no other.
 */
export async function sweep(deps: Deps, requestId: string): Promise<void> {
  const nowMs = deps.clock.nowMs();
  await eachBounded(deps, "event", await deps.providerEvents.claimDue(nowMs), (event) =>
    processProviderEvent(deps, event, requestId),
  );
  await eachBounded(deps, "payment", await deps.payments.claimDue(nowMs), (payment) =>
    takeUpPayment(deps, requestId, payment),
  );
  await eachBounded(deps, "refund", await deps.refunds.claimDue(nowMs), (refund) =>
    pursueRefund(deps, requestId, refund.id),
  );
}

async function takeUpPayment(deps: Deps, requestId: string, payment: Payment): Promise<void> {
  if (payment.status === "succeeded") {
    await followUpPaidOrder(deps, requestId, payment);
  } else if (isLive(payment.status)) {
    await settlePayment(deps, { cause: "reconciler", requestId }, payment.id);
  } else {
    await deps.payments.setNextCheck(payment.id, null);
  }
}

async function eachBounded<T extends { readonly id: string }>(
  deps: Deps,
  what: string,
  items: readonly T[],
  act: (item: T) => Promise<unknown>,
): Promise<void> {
  const waiting = [...items];
  const lane = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      try {
        await act(item);
      } catch (thrown) {
        deps.log.error("sweep item failed", { what, itemId: item.id, ...describeError(thrown) });
      }
    }
  };
  await Promise.all(Array.from({ length: limits.paymentSweepConcurrencyMax }, lane));
}
