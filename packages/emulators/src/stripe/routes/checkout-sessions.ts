import type Stripe from "stripe";
import { emulatorLimits } from "../../limits.ts";
import { type Account, idOf, nowSeconds } from "../account.ts";
import { amountMinorMax, checkAmount } from "../amounts.ts";
import { invalidParam, noSuch } from "../api/errors.ts";
import { listPage } from "../api/lists.ts";
import type { Params } from "../api/params.ts";
import type { ApiCall, ApiRoute } from "../api/router.ts";
import { createSession, expireSession, type LineItemInput } from "../checkout.ts";
import { readIntentData, readMethodTypes } from "./intent-data.ts";

/** Stripe's bounds on `expires_at`, counted from the making of the session. */
const lifetimeSecondsMin = 30 * 60;
const lifetimeSecondsMax = 24 * 3_600;

const locales = [
  "auto",
  "cs",
  "da",
  "de",
  "en",
  "en-GB",
  "es",
  "fi",
  "fr",
  "hu",
  "it",
  "ja",
  "nb",
  "nl",
  "pl",
  "pt",
  "sv",
];

/** https://docs.stripe.com/api/checkout/sessions */
export function checkoutSessionRoutes(account: Account): ApiRoute[] {
  const path = "/v1/checkout/sessions";
  return [
    { method: "POST", path, handle: (call) => create(account, call) },
    {
      method: "GET",
      path,
      handle: ({ params }) =>
        listPage(params, path, account.store.sessions.values(), {
          payment_intent: (session) => idOf(session.payment_intent),
          customer: (session) => idOf(session.customer),
          status: (session) => session.status,
        }),
    },
    {
      method: "GET",
      path: `${path}/:id`,
      handle: ({ ids, params }) => {
        params.end();
        return find(account, ids[0]);
      },
    },
    {
      method: "GET",
      path: `${path}/:id/line_items`,
      handle: ({ ids, params }) => {
        const session = find(account, ids[0]);
        const items = [...(account.store.lineItems.get(session.id) ?? [])].reverse();
        return listPage(params, `${path}/${session.id}/line_items`, items);
      },
    },
    {
      method: "POST",
      path: `${path}/:id/expire`,
      handle: ({ ids, params, cause }) => {
        params.end();
        const session = find(account, ids[0]);
        expireSession(account, cause, session);
        return session;
      },
    },
  ];
}

function create(account: Account, { params }: ApiCall): Stripe.Checkout.Session {
  params.optionalChoice("mode", ["payment"]);
  params.optionalChoice("ui_mode", ["hosted_page"]);
  params.optionalChoice("billing_address_collection", ["auto"]);
  params.optionalChoice("customer_creation", ["if_required"]);
  const lineItems = params.list("line_items").map(readLineItem);
  const successUrl = readUrl(params, "success_url");
  const cancelUrl = params.optionalText("cancel_url") === undefined ? null : readUrl(params, "cancel_url");
  const expiresAt = readExpiry(account, params);
  const metadata = params.metadata() ?? {};
  const clientReferenceId = params.optionalText("client_reference_id", 200) ?? null;
  const customer = params.optionalText("customer") ?? null;
  const customerEmail = params.optionalText("customer_email", 800) ?? null;
  const locale = params.optionalChoice("locale", locales) ?? null;
  const submitType = params.optionalChoice("submit_type", ["auto", "book", "donate", "pay"]) ?? null;
  const paymentMethodTypes = readMethodTypes(params);
  const intentData = readIntentData(params.optionalChild("payment_intent_data"));
  params.end();

  const [first] = lineItems;
  if (first === undefined) {
    throw invalidParam("line_items", "The `line_items` parameter is required in payment mode.", "parameter_missing");
  }
  if (lineItems.length > emulatorLimits.checkoutLineItemsMax) {
    throw invalidParam("line_items", `You can have at most ${emulatorLimits.checkoutLineItemsMax} line items.`);
  }
  if (lineItems.some(({ currency }) => currency !== first.currency)) {
    throw invalidParam("line_items", "All line items must have the same currency.");
  }
  const { currency } = first;
  const amount = lineItems.reduce((sum, item) => sum + item.unitAmount * item.quantity, 0);
  checkAmount("line_items", amount, currency);
  return createSession(account, {
    lineItems,
    currency,
    successUrl,
    cancelUrl,
    expiresAt,
    metadata,
    clientReferenceId,
    customer,
    customerEmail,
    locale,
    submitType,
    intent: { ...intentData, amount, currency, customer, paymentMethodTypes, allowRedirects: "always" },
  });
}

function readLineItem(item: Params): LineItemInput {
  const price = item.optionalText("price");
  if (price !== undefined) throw noSuch("price", price, item.path("price"));
  const data = item.child("price_data");
  const product = data.child("product_data");
  const name = product.text("name");
  product.optionalText("description");
  product.texts("images");
  product.metadata();
  data.optionalChoice("tax_behavior", ["exclusive", "inclusive", "unspecified"]);
  return {
    name,
    unitAmount: data.integer("unit_amount", { min: 0, max: amountMinorMax }),
    currency: data.currency("currency"),
    quantity: item.integer("quantity", { min: 1, max: 999_999 }),
    metadata: item.metadata() ?? {},
  };
}

function readUrl(params: Params, name: string): string {
  const text = params.text(name);
  // The braces of {CHECKOUT_SESSION_ID} are no part of a URL until they are replaced.
  const url = URL.canParse(text.replaceAll("{CHECKOUT_SESSION_ID}", "id"))
    ? new URL(text.replaceAll("{CHECKOUT_SESSION_ID}", "id"))
    : null;
  if (url?.protocol !== "https:" && url?.protocol !== "http:") {
    throw invalidParam(name, "Not a valid URL", "url_invalid");
  }
  return text;
}

function readExpiry(account: Account, params: Params): number {
  const now = nowSeconds(account);
  const expiresAt = params.optionalInteger("expires_at") ?? now + lifetimeSecondsMax;
  if (expiresAt < now + lifetimeSecondsMin) {
    throw invalidParam(
      "expires_at",
      "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
    );
  }
  if (expiresAt > now + lifetimeSecondsMax) {
    throw invalidParam(
      "expires_at",
      "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
    );
  }
  return expiresAt;
}

function find(account: Account, id = ""): Stripe.Checkout.Session {
  const session = account.store.sessions.get(id);
  if (session === undefined) throw noSuch("checkout.session", id, "session");
  return session;
}
