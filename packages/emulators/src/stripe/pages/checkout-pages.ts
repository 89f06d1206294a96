import type Stripe from "stripe";
import { escapeHtml, htmlPage, redirectTo } from "../../server/html.ts";
import type { LocalAnswer, LocalRequest } from "../../server/local-server.ts";
import { type Account, noCall } from "../account.ts";
import { formatAmount } from "../amounts.ts";
import { followPayment, paySession, sessionOfIntent, successUrlOf } from "../checkout.ts";
import { findTestPaymentMethod, testPaymentMethods } from "../payment-methods.ts";
import { settleIntent } from "../payments.ts";

/**
 * The pages that a buyer sees: checkout at `/c/pay/<session>`, and the bank's question at `/authenticate/<intent>`.
 * Both are plain forms, so a program can post to them as well. Null where the path is no page.
 */
export function answerPage(account: Account, request: LocalRequest): LocalAnswer | null {
  const [, area, second, third, ...rest] = request.path.split("/");
  if (rest.length > 0 || (request.method !== "GET" && request.method !== "POST")) return null;
  const form = new URLSearchParams(request.body);
  if (area === "c" && second === "pay" && third !== undefined) {
    const session = account.store.sessions.get(third);
    if (session === undefined) return goneAway();
    return request.method === "GET" ? showCheckout(account, session) : submitCheckout(account, session, form);
  }
  if (area === "authenticate" && second !== undefined && third === undefined) {
    const intent = account.store.paymentIntents.get(second);
    if (intent === undefined) return goneAway();
    return request.method === "GET" ? showAuthentication(intent) : submitAuthentication(account, intent, form);
  }
  return null;
}

function showCheckout(account: Account, session: Stripe.Checkout.Session, message?: string): LocalAnswer {
  if (session.status === "complete") return redirectTo(successUrlOf(session));
  if (session.status !== "open") return goneAway();
  const currency = session.currency ?? "usd";
  const rows = (account.store.lineItems.get(session.id) ?? []).map(
    (item) =>
      `<tr><td>${item.quantity ?? 1} &times; ${escapeHtml(item.description ?? "")}</td>` +
      `<td>${escapeHtml(formatAmount(item.amount_total, currency))}</td></tr>`,
  );
  const total = escapeHtml(formatAmount(session.amount_total ?? 0, currency));
  const methods = testPaymentMethods.map(
    ({ name, brand, last4 }) =>
      `<option value="${name}">${brand} &middot;&middot;&middot;&middot; ${last4} (${name})</option>`,
  );
  const email =
    session.customer_email === null
      ? '<label for="email">Email</label><input id="email" name="email" type="email" autocomplete="email">'
      : `<p class="note">${escapeHtml(session.customer_email)}</p>`;
  const cancel =
    session.cancel_url === null
      ? ""
      : '<form method="post"><button class="plain" name="action" value="cancel">Go back without paying</button></form>';
  return htmlPage(
    message === undefined ? 200 : 402,
    "Checkout",
    `<p class="note">Test checkout. No money moves.</p>
<table>${rows.join("")}</table>
<p class="total">${total}</p>
${message === undefined ? "" : `<p class="error" role="alert">${escapeHtml(message)}</p>`}
<form method="post">
${email}
<label for="name">Name on card</label><input id="name" name="name" autocomplete="cc-name">
<label for="payment_method">Test card</label>
<select id="payment_method" name="payment_method">${methods.join("")}</select>
<button name="action" value="pay">Pay ${total}</button>
</form>
<form method="post"><input type="hidden" name="payment_method" value="pm_card_chargeDeclined"><button class="plain" name="action" value="pay">Pay with a card that is declined</button></form>
${cancel}`,
  );
}

function submitCheckout(account: Account, session: Stripe.Checkout.Session, form: URLSearchParams): LocalAnswer {
  if (session.status !== "open") return showCheckout(account, session);
  if (form.get("action") === "cancel") {
    return session.cancel_url === null ? showCheckout(account, session) : redirectTo(session.cancel_url);
  }
  const method = findTestPaymentMethod(form.get("payment_method") ?? "pm_card_visa");
  if (method === undefined) return showCheckout(account, session, "Your card number is invalid.");
  const payer = { email: textOf(form, "email"), name: textOf(form, "name") };
  const result = paySession(account, noCall, session, { method, payer });
  if (result.kind === "declined") return showCheckout(account, session, result.error.message);
  if (result.kind === "requires_action") {
    return redirectTo(`${account.pagesUrl()}/authenticate/${session.payment_intent}`);
  }
  return redirectTo(successUrlOf(session));
}

function showAuthentication(intent: Stripe.PaymentIntent): LocalAnswer {
  if (intent.status !== "requires_action") return goneAway();
  return htmlPage(
    200,
    "Your bank",
    `<h1>Your bank</h1>
<p>Do you want to pay ${escapeHtml(formatAmount(intent.amount, intent.currency))}?</p>
<form method="post"><button name="outcome" value="succeeded">Yes, it is me</button></form>
<form method="post"><button class="plain" name="outcome" value="failed">No</button></form>`,
  );
}

function submitAuthentication(account: Account, intent: Stripe.PaymentIntent, form: URLSearchParams): LocalAnswer {
  if (intent.status !== "requires_action") return goneAway();
  const returnUrl = intent.next_action?.redirect_to_url?.return_url ?? null;
  const outcome = form.get("outcome") === "failed" ? "failed" : "succeeded";
  const result = settleIntent(account, noCall, intent, outcome);
  const session = sessionOfIntent(account, intent.id);
  if (session !== undefined) {
    followPayment(account, noCall, session, result);
    return showCheckout(account, session, result.kind === "declined" ? result.error.message : undefined);
  }
  if (returnUrl === null) return htmlPage(200, "Your bank", "<p>Thank you. You may close this page.</p>");
  const back = new URL(returnUrl);
  back.searchParams.set("payment_intent", intent.id);
  back.searchParams.set("payment_intent_client_secret", intent.client_secret ?? "");
  back.searchParams.set("redirect_status", result.kind === "succeeded" ? "succeeded" : "failed");
  return redirectTo(back.href);
}

function textOf(form: URLSearchParams, name: string): string | null {
  const text = form.get(name)?.trim() ?? "";
  return text === "" ? null : text;
}

function goneAway(): LocalAnswer {
  return htmlPage(
    404,
    "Nothing to pay",
    "<h1>Nothing to pay</h1><p>This page has expired, or it never was. Nothing was charged.</p>",
  );
}
