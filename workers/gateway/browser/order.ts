import { createFoyer, type Schema } from "@foyer/sdk";
import { byId, fragmentValue, say, show } from "./dom.ts";
import { codeOf, explain } from "./failures.ts";
import { formatPrice, orderText } from "./order-texts.ts";
import { orderSections, ticketSections } from "./order-view.ts";
import { orderSession } from "./session.ts";

/**
 * An order's page, for whoever has its link. The secret comes in the address's fragment and goes nowhere but into a header of
 * calls to this server: the address that the payment provider is told to return to is without it.
 */

type Order = Schema<"Order">;

const foyer = createFoyer({ baseUrl: location.origin });
const headline = byId("headline", HTMLElement);
const status = byId("status", HTMLElement);
const note = byId("note", HTMLElement);
const payButton = byId("pay", HTMLButtonElement);
const retryButton = byId("retry", HTMLButtonElement);
const orderView = byId("order", HTMLElement);
const ticketView = byId("tickets", HTMLElement);

const orderId = location.pathname.split("/").at(-1) ?? "";
const session = orderSession(orderId);
const params = { path: { id: orderId } };

const watchPauseMs = 2_000;
const watchDurationMs = 60_000;
const holdCheckPauseMs = 5_000; // at least, in case this device's clock is ahead

let orderSecret = "";
let shown: Order | null = null;
let hasTickets = false;
let holdTimer: ReturnType<typeof setTimeout> | undefined;

/** Reads the order, and its tickets once, and shows what changed. */
async function refresh(): Promise<Order> {
  const { data: order } = await foyer.get("/v1/orders/{id}", { params, orderSecret });
  if (JSON.stringify(order) !== JSON.stringify(shown)) {
    hasTickets = false;
    shown = order;
    const { title, detail, tone } = orderText(order);
    document.title = `Order: ${title}`;
    say(headline, title);
    headline.dataset.tone = tone;
    say(status, detail);
    orderView.replaceChildren(...orderSections(order));
    payButton.textContent = `Pay ${formatPrice(order.total)}`;
    show(order.status === "pending_payment", payButton);
    watchHold(order);
  }
  if (!hasTickets) {
    const wasConfirmed = order.confirmedAt !== null;
    const tickets = wasConfirmed ? (await foyer.get("/v1/orders/{id}/tickets", { params, orderSecret })).data.data : [];
    ticketView.replaceChildren(...ticketSections(tickets));
    hasTickets = true;
  }
  return order;
}

/** Looks again when the hold should be over. */
function watchHold({ status: orderStatus, expiresAt }: Order): void {
  clearTimeout(holdTimer);
  if (orderStatus !== "pending_payment" || expiresAt === null) return;
  const leftMs = Date.parse(expiresAt) - Date.now();
  holdTimer = setTimeout(() => {
    shown = null;
    void guarded(refresh);
  }, Math.max(leftMs, 0) + holdCheckPauseMs);
}

/** Opens the payment and sends the buyer to the provider's page. */
async function pay(): Promise<void> {
  say(note, "Opening the payment…");
  payButton.disabled = true;
  try {
    const returnUrl = `${location.origin}${location.pathname}`;
    const { data } = await foyer.post("/v1/orders/{id}/payment", {
      params,
      orderSecret,
      body: { method: "checkout", returnUrl },
    });
    const { checkoutUrl } = data.payment;
    if (checkoutUrl === null) {
      return say(note, "This order is being paid on another page already. Finish the payment there.", "bad");
    }
    session.leave();
    location.assign(checkoutUrl);
  } catch (thrown) {
    if (codeOf(thrown) === "payments.already_paid") return await watchPayment();
    say(note, explain(thrown), "bad");
    if (codeOf(thrown)?.startsWith("bookings.") === true) await refresh();
  } finally {
    payButton.disabled = false;
  }
}

/** Looks every two seconds for a minute whether the payment has arrived. Reading it makes the server ask the provider. */
async function watchPayment(): Promise<void> {
  const endMs = performance.now() + watchDurationMs;
  say(note, "Looking for your payment… If you came back without paying, you can still pay.");
  while (performance.now() < endMs) {
    const payment = await readPaymentStatus();
    const order = await refresh();
    if (!isUnpaid(order)) return say(note, "");
    if (payment === "failed" || payment === "cancelled" || payment === "expired") {
      return say(note, "The payment did not go through. Nothing was charged, and you can try again.", "bad");
    }
    if (payment === "processing") {
      say(note, "Your payment is being processed. This can take a while; you get a mail when it is done.");
    }
    await new Promise((resolve) => setTimeout(resolve, watchPauseMs));
  }
  say(
    note,
    "We have not seen a payment yet. If you paid, your tickets come by mail as soon as it arrives; do not pay twice.",
  );
  show(true, retryButton);
}

function isUnpaid(order: Order): boolean {
  return order.status === "pending_payment" || order.status === "expired";
}

async function readPaymentStatus(): Promise<Schema<"BuyerPayment">["status"] | null> {
  try {
    return (await foyer.get("/v1/orders/{id}/payment", { params, orderSecret })).data.payment.status;
  } catch (thrown) {
    if (codeOf(thrown) === "payments.not_found") return null;
    throw thrown;
  }
}

/** Runs something that asks the server, and says so where that fails. */
async function guarded(work: () => Promise<unknown>): Promise<void> {
  show(false, retryButton);
  try {
    await work();
  } catch (thrown) {
    if (codeOf(thrown) === "bookings.order_not_found") {
      say(headline, "Not found");
      headline.dataset.tone = "bad";
      say(status, "");
      return say(note, "There is no such order, or the link is damaged. Open the link from the mail again.", "bad");
    }
    say(note, explain(thrown), "bad");
    show(true, retryButton);
  }
}

async function open(): Promise<void> {
  say(note, "");
  await refresh();
  if (session.hasReturned()) await watchPayment();
}

function start(): void {
  show(true, byId("page", HTMLElement));
  const given = fragmentValue("secret");
  const secret = given ?? session.secret;
  if (secret === null) {
    say(headline, "Link incomplete");
    headline.dataset.tone = "bad";
    say(status, "This address lacks the part that opens the order. Open the link from the mail again.");
    return;
  }
  orderSecret = secret;
  session.keepSecret(secret);
  // Back from the provider: the address is made whole, so that it can be kept as a bookmark.
  if (given === null) history.replaceState(null, "", `#secret=${encodeURIComponent(secret)}`);
  payButton.addEventListener("click", () => void guarded(pay));
  retryButton.addEventListener("click", () => void guarded(open));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible" && shown?.status === "pending_payment") void guarded(refresh);
  });
  void guarded(open);
}

// Another order's link that is opened in this tab changes the fragment only.
addEventListener("hashchange", () => location.reload());
// Out of the browser's memory of pages, after "back" from the provider, the page starts again.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
start();
