import { createFoyer, type Schema } from "@foyer/sdk";
import { byId, fragmentValue, say, show } from "./dom.ts";
import { codeOf, explain } from "./failures.ts";
import { formatPrice, orderText } from "./order-texts.ts";
import { orderSections, ticketSections } from "./order-view.ts";
import { keepSecret, keptSecret } from "./session.ts";

/**
 * An order's page, for whoever has its link. The secret comes in the address's fragment and goes nowhere but into a header of
 * calls to this server: the address that the payment provider is told to return to is without it.
 */

type Order = Schema<"Order">;

/** The secret says who calls; a session of this browser's, perhaps one that has ended, has no part in it. */
const foyer = createFoyer({ baseUrl: location.origin, credentials: "omit" });
const headline = byId("headline", HTMLElement);
const status = byId("status", HTMLElement);
const note = byId("note", HTMLElement);
const payButton = byId("pay", HTMLButtonElement);
const retryButton = byId("retry", HTMLButtonElement);
const orderView = byId("order", HTMLElement);
const ticketView = byId("tickets", HTMLElement);

const orderId = location.pathname.split("/").at(-1) ?? "";
/** How the buyer came back from the provider, as the address to return to was given by payments; null otherwise. */
const returned = new URLSearchParams(location.search).get("payment");
const params = { path: { id: orderId } };

/** What can be sent in a header; anything else was damaged on its way here. */
const secretShape = /^[\x21-\x7e]{1,256}$/;

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
    say(headline, title, tone);
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
    location.assign(checkoutUrl);
  } catch (thrown) {
    if (codeOf(thrown) === "payments.already_paid") return await watchPayment(true);
    say(note, explain(thrown), "bad");
    if (codeOf(thrown)?.startsWith("bookings.") === true) await refresh();
  } finally {
    payButton.disabled = false;
  }
}

/**
 * Looks every two seconds for a minute whether the payment has arrived; once where the buyer turned back without paying.
 * Reading it makes the server ask the provider.
 */
async function watchPayment(isPaid: boolean): Promise<void> {
  say(note, isPaid ? "Looking for your payment…" : "You came back without paying.");
  payButton.disabled = isPaid;
  try {
    const endMs = performance.now() + watchDurationMs;
    while (performance.now() < endMs) {
      const payment = await readPaymentStatus();
      const order = await refresh();
      if (!isUnpaid(order)) return say(note, "");
      if (payment === "failed" || payment === "cancelled" || payment === "expired") {
        return say(note, "The payment did not go through. Nothing was charged.", "bad");
      }
      const isUnderWay = payment === "processing" || payment === "succeeded";
      if (!isPaid && !isUnderWay) return;
      if (payment === "processing") {
        say(note, "Your payment is being processed. This can take a while; you get a mail when it is done.");
      }
      await new Promise((resolve) => setTimeout(resolve, watchPauseMs));
    }
  } finally {
    payButton.disabled = false;
  }
  say(
    note,
    "We have not seen the payment yet. If you paid, your tickets come by mail as soon as it arrives; do not pay twice.",
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
      return refuse("Not found", "There is no such order, or the link is damaged. Open the link from the mail again.");
    }
    if (shown === null) say(status, "");
    say(note, explain(thrown), "bad");
    show(true, retryButton);
  }
}

/** Says that there is nothing to show here. */
function refuse(title: string, detail: string): void {
  say(headline, title, "bad");
  say(status, detail);
  say(note, "");
}

async function open(): Promise<void> {
  say(note, "");
  await refresh();
  if (returned !== null) await watchPayment(returned === "success");
}

function start(): void {
  show(true, byId("page", HTMLElement));
  const given = fragmentValue("secret");
  const secret = given ?? keptSecret(orderId);
  if (secret === null || !secretShape.test(secret)) {
    refuse("Link incomplete", "This address lacks the part that opens the order. Open the link from the mail again.");
    return;
  }
  orderSecret = secret;
  keepSecret(orderId, secret);
  // Back from the provider: the address is made whole, so that it can be kept as a bookmark.
  history.replaceState(null, "", `${location.pathname}#secret=${encodeURIComponent(secret)}`);
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
