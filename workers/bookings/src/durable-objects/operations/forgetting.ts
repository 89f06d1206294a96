import type { OrderId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import {
  claimOn,
  type ForgottenPerson,
  withoutAddress,
  withoutHolder,
  withoutPersons,
} from "../../domain/forgetting.ts";
import type { Order } from "../../domain/model.ts";
import type { Office } from "../office.ts";
import { changeOrder } from "../order-changes.ts";

/**
 * Forgets a person in these orders, as far as the orders are theirs: buyer, attendees, answers, holders, whose the reservation was, and answers that
 * are kept for repetitions. Stock, money and the codes of tickets stay as they are. All in one transaction, and repeatable: what is
 * forgotten already is left alone. Answers which orders had something to forget.
 */
export function forgetOrders(
  office: Office,
  input: { readonly orderIds: readonly OrderId[]; readonly person: ForgottenPerson },
): Result<{ readonly forgotten: readonly OrderId[] }> {
  const { person } = input;
  const orders = office.preparedSale === null ? [] : input.orderIds.flatMap((id) => office.orders.find(id) ?? []);
  const forgotten = orders.filter((order) => forget(office, order, person)).map(({ id }) => id);
  if (forgotten.length > 0) office.answers.forgetOrders(forgotten);
  return ok({ forgotten });
}

function forget(office: Office, order: Order, person: ForgottenPerson): boolean {
  const claim = claimOn(order, person);
  if (claim === null) return false;
  const address = claim === "address" ? person.address : null;
  const after = address === null ? withoutPersons(order) : withoutAddress(order, address);
  office.orders.updatePersons(after);
  for (const ticket of office.tickets.ofOrder(order.id)) {
    if (address === null || ticket.holder.email === address)
      office.tickets.updateHolder(withoutHolder(ticket, address));
  }
  if (claim === "order") office.reservations.disown(order.reservationId);
  changeOrder(office, after, null);
  office.tell("order.forgotten", { ...office.scope, orderId: order.id });
  return true;
}
