import type Stripe from "stripe";
import { type Account, type IntentInput, idOf } from "../account.ts";
import { checkAmount } from "../amounts.ts";
import { invalidParam, noSuch, stateConflict } from "../api/errors.ts";
import { listPage } from "../api/lists.ts";
import type { Params } from "../api/params.ts";
import type { ApiCall, ApiRoute } from "../api/router.ts";
import { parseSearch } from "../api/search.ts";
import { sessionOfIntent } from "../checkout.ts";
import { findTestPaymentMethod, type TestPaymentMethod } from "../payment-methods.ts";

import {
  attachMethod,
  cancelIntent,
  confirmIntent,
  createIntent,
  declinedAnswer,
  requireConfirmable,
} from "../payments.ts";
import { readIntentData, readMethodTypes } from "./intent-data.ts";

/** https://docs.stripe.com/api/payment_intents */
export function paymentIntentRoutes(account: Account): ApiRoute[] {
  const path = "/v1/payment_intents";
  return [
    { method: "POST", path, handle: (call) => create(account, call) },
    {
      method: "GET",
      path,
      handle: ({ params }) =>
        listPage(params, path, account.store.paymentIntents.values(), { customer: ({ customer }) => idOf(customer) }),
    },
    { method: "GET", path: `${path}/search`, handle: ({ params }) => search(account, params) },
    {
      method: "GET",
      path: `${path}/:id`,
      handle: ({ ids, params }) => {
        params.optionalText("client_secret");
        params.end();
        return find(account, ids[0]);
      },
    },
    { method: "POST", path: `${path}/:id`, handle: (call) => update(account, call) },
    { method: "POST", path: `${path}/:id/confirm`, handle: (call) => confirm(account, call) },
    { method: "POST", path: `${path}/:id/cancel`, handle: (call) => cancel(account, call) },
  ];
}

function create(account: Account, { params, cause }: ApiCall): Stripe.PaymentIntent {
  const amount = params.integer("amount", { min: 1 });
  const currency = params.currency("currency");
  const customer = params.optionalText("customer") ?? null;
  const shared = readIntentData(params);
  const paymentMethodTypes = readMethodTypes(params);
  const automatic = params.optionalChild("automatic_payment_methods");
  const automaticEnabled = automatic?.optionalBoolean("enabled");
  const allowRedirects = automatic?.optionalChoice("allow_redirects", ["always", "never"]) ?? "always";
  const method = readMethod(account, params);
  const confirmNow = params.optionalBoolean("confirm") ?? false;
  const returnUrl = params.optionalText("return_url") ?? null;
  params.end();
  checkAmount("amount", amount, currency);
  if (automaticEnabled === true && paymentMethodTypes !== null) {
    throw invalidParam(
      "automatic_payment_methods",
      "You may only specify one of these parameters: automatic_payment_methods, payment_method_types.",
    );
  }
  const input: IntentInput = {
    ...shared,
    amount,
    currency,
    customer,
    paymentMethodTypes: automaticEnabled === false ? (paymentMethodTypes ?? ["card"]) : paymentMethodTypes,
    allowRedirects,
  };
  if (confirmNow && method === null) throw missingMethod();
  if (confirmNow) requireReturnUrl(input.paymentMethodTypes === null, allowRedirects, returnUrl);

  const intent = createIntent(account, cause, input);
  if (method === null) return intent;
  if (!confirmNow) {
    attachMethod(account, intent, method);
    return intent;
  }
  return confirmOrDecline(account, cause, intent, method, returnUrl);
}

function update(account: Account, { params, ids }: ApiCall): Stripe.PaymentIntent {
  const intent = find(account, ids[0]);
  const amount = params.optionalInteger("amount", { min: 1 });
  const metadata = params.metadata();
  const description = params.optionalText("description");
  const receiptEmail = params.optionalText("receipt_email");
  params.end();
  if (amount !== undefined) {
    checkAmount("amount", amount, intent.currency);
    if (intent.status === "succeeded" || intent.status === "canceled" || intent.status === "processing") {
      throw stateConflict(
        `This PaymentIntent's amount could not be updated because it has a status of ${intent.status}.`,
        { code: "payment_intent_unexpected_state", payment_intent: intent },
      );
    }
    intent.amount = amount;
  }
  if (metadata !== undefined) intent.metadata = { ...intent.metadata, ...metadata };
  if (description !== undefined) intent.description = description;
  if (receiptEmail !== undefined) intent.receipt_email = receiptEmail;
  return intent;
}

function confirm(account: Account, { params, ids, cause }: ApiCall): Stripe.PaymentIntent {
  const intent = find(account, ids[0]);
  const given = readMethod(account, params);
  const returnUrl = params.optionalText("return_url") ?? null;
  const receiptEmail = params.optionalText("receipt_email");
  params.end();
  refuseCheckoutIntent(account, intent);
  requireConfirmable(intent);
  const method = given ?? account.store.paymentMethods.get(idOf(intent.payment_method) ?? "") ?? null;
  if (method === null) throw missingMethod();
  const automatic = intent.automatic_payment_methods;
  requireReturnUrl(automatic?.enabled === true, automatic?.allow_redirects ?? "never", returnUrl);
  if (receiptEmail !== undefined) intent.receipt_email = receiptEmail;
  return confirmOrDecline(account, cause, intent, method, returnUrl);
}

function cancel(account: Account, { params, ids, cause }: ApiCall): Stripe.PaymentIntent {
  const intent = find(account, ids[0]);
  const reasons = ["abandoned", "duplicate", "fraudulent", "requested_by_customer"] as const;
  const reason = params.optionalChoice("cancellation_reason", reasons) ?? null;
  params.end();
  refuseCheckoutIntent(account, intent);
  cancelIntent(account, cause, intent, reason);
  return intent;
}

function search(account: Account, params: Params): object {
  const matches = parseSearch(params.text("query"));
  const limit = params.optionalInteger("limit", { min: 1, max: 100 }) ?? 10;
  const offset = Number(params.optionalText("page") ?? "0");
  params.end();
  if (!Number.isSafeInteger(offset) || offset < 0) throw invalidParam("page", "Invalid page.");
  const found = [...account.store.paymentIntents.values()].reverse().filter((intent) =>
    matches({
      metadata: intent.metadata,
      fields: {
        amount: intent.amount,
        created: intent.created,
        currency: intent.currency,
        customer: idOf(intent.customer),
        status: intent.status,
      },
    }),
  );
  const hasMore = found.length > offset + limit;
  return {
    object: "search_result",
    data: found.slice(offset, offset + limit),
    has_more: hasMore,
    next_page: hasMore ? String(offset + limit) : null,
    url: "/v1/payment_intents/search",
  };
}

function find(account: Account, id = ""): Stripe.PaymentIntent {
  const intent = account.store.paymentIntents.get(id);
  if (intent === undefined) throw noSuch("payment_intent", id, "intent");
  return intent;
}

/** A test method by its name, or one that an earlier call handed out. */
function readMethod(account: Account, params: Params): TestPaymentMethod | null {
  const name = params.optionalText("payment_method");
  if (name === undefined) return null;
  const method = findTestPaymentMethod(name) ?? account.store.paymentMethods.get(name);
  if (method === undefined) throw noSuch("PaymentMethod", name, "payment_method");
  return method;
}

function confirmOrDecline(
  account: Account,
  cause: ApiCall["cause"],
  intent: Stripe.PaymentIntent,
  method: TestPaymentMethod,
  returnUrl: string | null,
): Stripe.PaymentIntent {
  const payer = { email: intent.receipt_email, name: null };
  const result = confirmIntent(account, cause, intent, { method, payer, returnUrl });
  if (result.kind === "declined") throw declinedAnswer(result.error);
  return intent;
}

/** An intent that the hosted page made is the page's: its session is paid or expired instead. */
function refuseCheckoutIntent(account: Account, intent: Stripe.PaymentIntent): void {
  if (sessionOfIntent(account, intent.id) === undefined) return;
  throw stateConflict("You cannot perform this action on PaymentIntents created by Checkout.");
}

function missingMethod() {
  return stateConflict(
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the " +
      "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment " +
      "method or ConfirmationToken.",
    { code: "payment_intent_unexpected_state" },
  );
}

/** Where Stripe chooses the methods, some may redirect; it refuses to confirm without knowing where to return. */
function requireReturnUrl(automatic: boolean, allowRedirects: string, returnUrl: string | null): void {
  if (!automatic || allowRedirects === "never" || returnUrl !== null) return;
  throw stateConflict(
    "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because some of these " +
      "payment methods might redirect your customer off of your page, you must provide a `return_url`. If you don't " +
      "want to accept redirect-based payment methods, set `automatic_payment_methods[enabled]` to `true` and " +
      "`automatic_payment_methods[allow_redirects]` to `never` when creating Setup Intents and Payment Intents.",
  );
}
