import { formatMoney } from "@foyer/kernel/money";
import type { Schema } from "@foyer/sdk";
import { formatTime, locale } from "./times.ts";

type Order = Schema<"Order">;
type TicketStatus = Schema<"Ticket">["status"];

/** What an order's status means for its buyer. */
export interface OrderText {
  readonly title: string;
  readonly detail: string;
  readonly tone: "waiting" | "good" | "bad";
}

/** An amount with the decimals of its currency; nothing to pay is `Free`. */
export function formatPrice(price: Schema<"Money">): string {
  return price.amount === 0 ? "Free" : formatMoney(price, locale);
}

/** The words for an order as it stands. */
export function orderText(order: Order, timeZone?: string): OrderText {
  const total = formatMoney(order.total, locale);
  switch (order.status) {
    case "pending_payment": {
      const until = order.expiresAt === null ? "for a short time" : `until ${formatTime(order.expiresAt, timeZone)}`;
      return {
        title: "Waiting for your payment",
        detail: `We hold these tickets for you ${until}. They are yours once they are paid.`,
        tone: "waiting",
      };
    }
    case "confirmed":
      return {
        title: "Confirmed",
        detail: "Your tickets are below. Show each code at the door, on this screen or on paper.",
        tone: "good",
      };
    case "expired":
      return {
        title: "Expired",
        detail:
          "The time to pay is over, and the tickets are no longer held. Should a payment of yours still reach us, you get the tickets if there are any left, and otherwise your money back.",
        tone: "bad",
      };
    case "cancelled":
      return {
        title: "Cancelled",
        detail: "This order is cancelled, and its tickets are not valid. What was paid goes back the way it came.",
        tone: "bad",
      };
    case "partially_refunded":
      return {
        title: "Partly refunded",
        detail: `${formatMoney(order.refunded, locale)} of ${total} went back the way you paid. Tickets marked valid still are.`,
        tone: "good",
      };
    case "refund_due":
      return {
        title: "Refund on its way",
        detail: `Your payment reached us after the tickets had gone to others. We are sorry. All of it, ${total}, goes back the way you paid; you need not do anything.`,
        tone: "bad",
      };
    case "refunded":
      return {
        title: "Refunded",
        detail: `${formatMoney(order.refunded, locale)} went back the way you paid. Your bank may take a few days to show it. The tickets are no longer valid.`,
        tone: "bad",
      };
  }
}

const ticketTexts: Readonly<Record<TicketStatus, string>> = {
  valid: "Valid",
  checked_in: "Checked in",
  checked_out: "Checked out",
  transferred: "Transferred",
  void: "Not valid",
};

/** The word for a ticket's status. */
export function ticketText(status: TicketStatus): string {
  return ticketTexts[status];
}
