import type { Schema } from "@foyer/sdk";
import { element } from "./dom.ts";
import { formatPrice, ticketText } from "./order-texts.ts";
import { qrImage } from "./qr.ts";
import { formatTime } from "./times.ts";

type Order = Schema<"Order">;
type Ticket = Schema<"Ticket">;

/** What was bought, at which price, and by whom. */
export function orderSections(order: Order): HTMLElement[] {
  return [section("Items", itemTable(order)), section("Details", details(order))];
}

/** Every ticket with its code, or nothing where there are none. */
export function ticketSections(tickets: readonly Ticket[]): HTMLElement[] {
  if (tickets.length === 0) return [];
  const cards = tickets.map((ticket, index) => ticketCard(ticket, index + 1, tickets.length));
  const title = tickets.length === 1 ? "Your ticket" : `Your ${tickets.length} tickets`;
  return [section(title, element("ul", "tickets", ...cards))];
}

function section(title: string, ...children: HTMLElement[]): HTMLElement {
  return element("section", "", element("h2", "", title), ...children);
}

function itemTable(order: Order): HTMLElement {
  const head = element("tr", "", header("Ticket"), header("Price", "number"), header("Sum", "number"));
  const rows = order.items.map(({ name, quantity, unitPrice }) => {
    const title = element("th", "", `${quantity} × ${name}`);
    title.scope = "row";
    const sum = { ...unitPrice, amount: unitPrice.amount * quantity };
    return element("tr", "", title, cell(formatPrice(unitPrice)), cell(formatPrice(sum)));
  });
  const sums: (readonly [string, Schema<"Money">])[] = [
    ["Discount", order.discount],
    ["Tax", order.tax],
    ["Fees", order.fees],
    ["Refunded", order.refunded],
  ];
  const extra = sums
    .filter(([, { amount }]) => amount !== 0)
    .map(([name, amount]) => sumRow(name, formatPrice(amount), ""));
  const foot = element("tfoot", "", sumRow("Total", formatPrice(order.total), "total"), ...extra);
  return element("table", "", element("thead", "", head), element("tbody", "", ...rows), foot);
}

function header(text: string, className = ""): HTMLElement {
  const made = element("th", className, text);
  made.scope = "col";
  return made;
}

function cell(text: string): HTMLElement {
  return element("td", "number", text);
}

function sumRow(name: string, text: string, className: string): HTMLElement {
  const title = element("th", "", name);
  title.scope = "row";
  title.colSpan = 2;
  return element("tr", className, title, cell(text));
}

function details(order: Order): HTMLElement {
  const facts: (readonly [string, string])[] = [
    ["Order", order.id],
    ["Ordered", formatTime(order.createdAt)],
    ["Buyer", order.buyer.name],
    ["Email", order.buyer.email],
  ];
  const rows = facts.map(([name, text]) => element("div", "", element("dt", "", name), element("dd", "", text)));
  return element("dl", "", ...rows);
}

function ticketCard(ticket: Ticket, number: number, count: number): HTMLElement {
  const { code, status } = ticket;
  const state = element("span", "state", ticketText(status));
  state.dataset.status = status;
  const card = element(
    "li",
    "ticket",
    ...(count === 1 ? [] : [element("p", "count", `Ticket ${number} of ${count}`)]),
    element("h3", "", ticket.ticketTypeName),
    element("p", "holder", ticket.holderName),
    element("p", "", state),
  );
  if (code === null) return card;
  const text = element("details", "", element("summary", "", "Code as text"), element("code", "", code));
  card.append(qrImage(code, `QR code of ticket ${number}, ${ticket.holderName}`), text);
  return card;
}
