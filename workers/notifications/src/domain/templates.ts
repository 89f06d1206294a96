import type { OrderDocument } from "@foyer/contracts/bookings/rpc";
import type { HolderNotice } from "@foyer/contracts/messages/catalog";
import { limits } from "@foyer/kernel/limits";
import { formatMoney, type Money } from "@foyer/kernel/money";
import { formatEventTime } from "./event-time.ts";
import { type Block, compose } from "./layout.ts";
import { type MailContent, toLine, toPersonName, toProse } from "./mail.ts";

/** The order's page. Its secret stands in the fragment, which no server, no log and no `Referer` ever sees. */
export function orderUrl(publicUrl: string, order: Pick<OrderDocument, "orderId" | "secret">): string {
  return `${publicUrl}/orders/${encodeURIComponent(order.orderId)}#secret=${encodeURIComponent(order.secret)}`;
}

/** The tickets: what, when, where, the codes, and the way to the order. */
export function orderConfirmedMail(order: OrderDocument, publicUrl: string): MailContent {
  const shown = order.tickets.slice(0, limits.ticketsPerMailMax);
  const more = order.tickets.length - shown.length;
  return compose(`Your tickets for ${titleOf(order)}`, [
    greeting(order),
    {
      kind: "paragraph",
      text: `Your order is confirmed. ${order.tickets.length === 1 ? "Your ticket is" : "Your tickets are"} below.`,
    },
    facts(order, [["Total", order.total.amount === 0 ? "Free" : formatMoney(order.total)]]),
    {
      kind: "tickets",
      tickets: shown.map((ticket) => ({
        title: toLine(ticket.ticketTypeName, limits.titleCharsMax),
        holder: toPersonName(ticket.holderName),
        code: ticket.code,
      })),
    },
    ...(more > 0 ? [paragraph(`${more} more tickets are on your order's page.`)] : []),
    { kind: "link", label: "Open your order with QR codes", url: orderUrl(publicUrl, order) },
    paragraph("Whoever has this link or a code can use the tickets, so keep this mail to yourself."),
  ]);
}

/** The order, and with it the tickets, is void. */
export function orderCancelledMail(order: OrderDocument, publicUrl: string): MailContent {
  const byOrganizer = order.event.status === "cancelled";
  return compose(byOrganizer ? `Cancelled: ${titleOf(order)}` : `Your order for ${titleOf(order)} is cancelled`, [
    greeting(order),
    paragraph(
      byOrganizer
        ? "The organizer has cancelled this event, and your order with it. Its tickets are no longer valid."
        : "Your order is cancelled. Its tickets are no longer valid.",
    ),
    ...(byOrganizer ? noteOf(order) : []),
    facts(order, []),
    ...(order.total.amount === 0
      ? []
      : [
          paragraph(
            byOrganizer
              ? "If you have paid, or a payment of yours is still on its way, the money goes back the way you paid. You need not do anything. Your bank may take a few days to show it."
              : "If you have paid, the money goes back the way it came. Another mail tells you when it is on its way.",
          ),
        ]),
    { kind: "link", label: "Open your order", url: orderUrl(publicUrl, order) },
  ]);
}

/** Money has gone back: all of it, or part of it. */
export function orderRefundedMail(order: OrderDocument, refunded: Money | null, publicUrl: string): MailContent {
  const whole = order.status !== "partially_refunded";
  const amount = refunded ?? (whole ? order.total : null);
  const sum = amount === null ? "part of your payment" : formatMoney(amount);
  return compose(`Refund for ${titleOf(order)}`, [
    greeting(order),
    paragraph(`We have sent ${sum} back the way you paid. Your bank may take a few days to show it.`),
    facts(order, []),
    paragraph(
      whole
        ? "The tickets of this order are no longer valid."
        : "Tickets that were refunded are no longer valid. Your order's page shows those that are.",
    ),
    { kind: "link", label: "Open your order", url: orderUrl(publicUrl, order) },
  ]);
}

/** The payment came, but the order could not be honoured any more. */
export function orderRefundDueMail(order: OrderDocument, amount: Money, publicUrl: string): MailContent {
  return compose(`We could not complete your order for ${titleOf(order)}`, [
    greeting(order),
    paragraph(
      order.event.status === "cancelled"
        ? `Your payment of ${formatMoney(amount)} reached us after the organizer had cancelled this event. We are sorry.`
        : `Your payment of ${formatMoney(amount)} reached us after the tickets were no longer held for you, and they could not be had again. We are sorry.`,
    ),
    paragraph("The whole amount goes back the way you paid. You need not do anything."),
    facts(order, []),
    { kind: "link", label: "Open your order", url: orderUrl(publicUrl, order) },
  ]);
}

const changes: Readonly<Record<HolderNotice, { readonly subject: string; readonly says: string }>> = {
  postponed: {
    subject: "Postponed",
    says: "The organizer has postponed this event. Your tickets stay valid, so keep them. Another mail tells you the new date.",
  },
  rescheduled: {
    subject: "New date",
    says: "This event takes place at another time than before. Your tickets are valid for it. What holds now is below.",
  },
  relocated: {
    subject: "New place",
    says: "This event takes place elsewhere than before. Your tickets are valid there. What holds now is below.",
  },
};

/** Something about the event of the buyer's tickets has changed; what holds now. */
export function eventChangedMail(order: OrderDocument, notice: HolderNotice, publicUrl: string): MailContent {
  const { subject, says } = changes[notice];
  return compose(`${subject}: ${titleOf(order)}`, [
    greeting(order),
    paragraph(says),
    ...(notice === "postponed" ? noteOf(order) : []),
    facts(order, []),
    { kind: "link", label: "Open your order", url: orderUrl(publicUrl, order) },
  ]);
}

/** What the organizer says of a cancellation or postponement, in their own words. */
function noteOf(order: OrderDocument): Block[] {
  const note = toProse(order.event.note ?? "", limits.statusNoteCharsMax);
  return note === "" ? [] : [paragraph(`The organizer says: “${note}”`)];
}

/** When it is; of an event that waits for its new date, when it should have been. */
function timeOf(event: OrderDocument["event"]): string {
  if (event.status !== "postponed") return formatEventTime(event);
  return event.startsAtMs === null ? "To be announced" : `To be announced (it was ${formatEventTime(event)})`;
}

function paragraph(text: string): Block {
  return { kind: "paragraph", text };
}

function greeting(order: OrderDocument): Block {
  const name = toPersonName(order.buyer.name);
  return paragraph(name === null ? "Hello," : `Hello ${name},`);
}

function titleOf(order: OrderDocument): string {
  return toLine(order.event.title, limits.titleCharsMax);
}

function facts(order: OrderDocument, more: readonly (readonly [string, string])[]): Block {
  return {
    kind: "facts",
    facts: [
      ["Event", titleOf(order)],
      ["When", timeOf(order.event)],
      ["Where", toLine(order.event.place, limits.titleCharsMax)],
      ["Order", order.orderId],
      ...more,
    ],
  };
}
