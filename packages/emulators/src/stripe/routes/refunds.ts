import type Stripe from "stripe";
import { type Account, idOf } from "../account.ts";
import { invalidParam, noSuch, stateConflict } from "../api/errors.ts";
import { listPage } from "../api/lists.ts";
import type { ApiCall, ApiRoute } from "../api/router.ts";
import { successfulCharge } from "../charges.ts";
import { createRefund } from "../refunds.ts";

/** https://docs.stripe.com/api/refunds */
export function refundRoutes(account: Account): ApiRoute[] {
  const path = "/v1/refunds";
  return [
    { method: "POST", path, handle: (call) => create(account, call) },
    {
      method: "GET",
      path,
      handle: ({ params }) =>
        listPage(params, path, account.store.refunds.values(), {
          charge: (refund) => idOf(refund.charge),
          payment_intent: (refund) => idOf(refund.payment_intent),
        }),
    },
    {
      method: "GET",
      path: `${path}/:id`,
      handle: ({ ids: [id = ""], params }) => {
        params.end();
        const refund = account.store.refunds.get(id);
        if (refund === undefined) throw noSuch("refund", id, "refund");
        return refund;
      },
    },
  ];
}

function create(account: Account, { params, cause }: ApiCall): Stripe.Refund {
  const chargeId = params.optionalText("charge");
  const intentId = params.optionalText("payment_intent");
  const amount = params.optionalInteger("amount", { min: 1 }) ?? null;
  const reasons = ["duplicate", "fraudulent", "requested_by_customer"] as const;
  const reason = params.optionalChoice("reason", reasons) ?? null;
  const metadata = params.metadata() ?? {};
  params.optionalBoolean("refund_application_fee");
  params.optionalBoolean("reverse_transfer");
  params.end();
  if (chargeId !== undefined && intentId !== undefined) {
    throw invalidParam("charge", "You may only specify one of these parameters: charge, payment_intent.");
  }
  const charge = intentId === undefined ? chargeOf(account, chargeId) : chargeOfIntent(account, intentId);
  return createRefund(account, cause, { charge, amount, reason, metadata });
}

function chargeOf(account: Account, id: string | undefined): Stripe.Charge {
  if (id === undefined) {
    throw invalidParam(
      "payment_intent",
      "One of the following params should be provided for this request: payment_intent or charge.",
      "parameter_missing",
    );
  }
  const charge = account.store.charges.get(id);
  if (charge === undefined) throw noSuch("charge", id, "charge");
  if (charge.status !== "succeeded") throw nothingToRefund(idOf(charge.payment_intent) ?? charge.id);
  return charge;
}

function chargeOfIntent(account: Account, id: string): Stripe.Charge {
  const intent = account.store.paymentIntents.get(id);
  if (intent === undefined) throw noSuch("payment_intent", id, "payment_intent");
  const charge = successfulCharge(account, intent);
  if (charge === undefined) throw nothingToRefund(id);
  return charge;
}

function nothingToRefund(intentId: string) {
  return stateConflict(`This PaymentIntent (${intentId}) does not have a successful charge to refund.`, {
    param: "payment_intent",
  });
}
