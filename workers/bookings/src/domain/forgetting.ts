import type { UserId } from "@foyer/kernel/ids";
import type { Attendee, Order, Ticket } from "./model.ts";

/** A person who is to be forgotten. */
export interface ForgottenPerson {
  /** Null where only an address is known to be theirs. */
  readonly userId: UserId | null;
  /** An address that was proven to be theirs; null where there is none. */
  readonly address: string | null;
  /** What was made under the address later is another's, epoch milliseconds. */
  readonly requestedAtMs: number;
}

/** What stands where a name stood. */
export const nobody: Attendee = { name: "Deleted", email: null };

/**
 * What of an order is this person's: all that it says of persons, where their account or nobody's made it; the address alone, where another's
 * account named it; nothing.
 */
export function claimOn(
  order: Pick<Order, "userId" | "buyer" | "createdAtMs">,
  person: ForgottenPerson,
): "order" | "address" | null {
  if (person.userId !== null && order.userId === person.userId) return "order";
  if (person.address === null || order.buyer.email !== person.address) return null;
  if (order.createdAtMs > person.requestedAtMs) return null;
  return order.userId === null ? "order" : "address";
}

/** An order that says nothing of persons any more; what was bought, and for how much, stays. */
export function withoutPersons(order: Order): Order {
  return { ...order, buyer: { name: nobody.name, email: "" }, userId: null, attendees: null, answers: {} };
}

/** An order of somebody else's that does not name this address any more. */
export function withoutAddress(order: Order, address: string): Order {
  const attendees = order.attendees?.map((attendee) => withoutTheirs(attendee, address)) ?? null;
  return { ...order, buyer: { ...order.buyer, email: "" }, attendees };
}

/** A ticket without its holder, or without this address where one is given. It admits as before. */
export function withoutHolder(ticket: Ticket, address: string | null): Ticket {
  const holder = address === null ? nobody : withoutTheirs(ticket.holder, address);
  return { ...ticket, holder, version: ticket.version + 1 };
}

function withoutTheirs(attendee: Attendee, address: string): Attendee {
  return attendee.email === address ? { ...attendee, email: null } : attendee;
}
