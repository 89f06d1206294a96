import { type EventId, eventIdOf, type OrderId, type UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Deps } from "../deps.ts";
import { claimOn, type ForgottenPerson } from "../domain/forgetting.ts";
import type { Order } from "../domain/model.ts";
import { systemCall } from "./system-call.ts";

type ForgetDeps = Pick<Deps, "users" | "offices" | "orders" | "erasedPersons" | "addressKeys">;

/**
 * Forgets a person in every order that the query model knows to be theirs, each at its box office and then in the model, so that what is done stays
 * done and whoever dies on the way goes on where it stopped. Orders that come into the model later are held against the person, see
 * {@link forgetLateOrder}. Throws where a box office, or users, has no answer, and where there is more than one run takes on: again, later.
 */
export async function forgetPerson(
  deps: ForgetDeps,
  input: { readonly userId: UserId; readonly requestId: string },
): Promise<void> {
  const person = await identify(deps, input);
  const { userId, address, requestedAtMs } = person;
  const keys = [...(userId === null ? [] : [userId]), ...(address === null ? [] : [deps.addressKeys(address)])];
  await deps.erasedPersons.add(keys, requestedAtMs);
  for (let done = 0; done < limits.erasureOrdersPerRunMax; done += limits.idsPerCallMax) {
    const orders = await deps.orders.listNaming(person, limits.idsPerCallMax);
    const ids = orders.map(({ id }) => id);
    for (const [eventId, orderIds] of Map.groupBy(ids, eventIdOf)) {
      await forgetAt(deps, eventId, orderIds, person, input.requestId);
    }
    await deps.orders.forget(person, ids);
    if (orders.length < limits.idsPerCallMax) return;
  }
  throw new Error("there are more orders to forget");
}

/** Who it is. An erasure that is over, or unknown, leaves the account's id to go by. */
async function identify(
  deps: ForgetDeps,
  { userId, requestId }: { readonly userId: UserId; readonly requestId: string },
): Promise<ForgottenPerson> {
  const due = await deps.users.getErasure(systemCall(requestId), { userId });
  if (due.ok) {
    const { email, emailVerified, requestedAtMs } = due.value;
    return { userId, address: emailVerified ? email : null, requestedAtMs };
  }
  if (due.error.code !== "users.erasure_unknown") throw new Error(`users: ${due.error.code}`);
  return { userId, address: null, requestedAtMs: 0 };
}

async function forgetAt(
  deps: Pick<Deps, "offices">,
  eventId: EventId,
  orderIds: readonly OrderId[],
  person: ForgottenPerson,
  requestId: string,
): Promise<void> {
  const { result } = await deps.offices.run(eventId, "forgetOrders", { orderIds, person }, { requestId });
  if (!result.ok) throw new Error(`${result.error.code}: ${result.error.detail}`);
}

/**
 * Forgets the person in an order that comes into the query model after they were erased: its news were late, or a token of theirs lived some seconds
 * longer. True where there was something to forget; the order then tells of itself anew.
 */
export async function forgetLateOrder(
  deps: Pick<Deps, "offices" | "erasedPersons" | "addressKeys">,
  order: Order,
  requestId: string,
): Promise<boolean> {
  const { userId, buyer } = order;
  const addressKey = buyer.email === "" ? null : deps.addressKeys(buyer.email);
  const keys = [userId, addressKey].filter((key) => key !== null);
  const erased = await deps.erasedPersons.find(keys);
  if (erased.size === 0) return false;
  const person: ForgottenPerson = {
    userId: userId !== null && erased.has(userId) ? userId : null,
    address: addressKey !== null && erased.has(addressKey) ? buyer.email : null,
    requestedAtMs: erased.get(addressKey ?? "") ?? 0,
  };
  if (claimOn(order, person) === null) return false;
  await forgetAt(deps, eventIdOf(order.id), [order.id], person, requestId);
  return true;
}
