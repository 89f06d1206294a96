import type { CallContext, HolderProof } from "@foyer/contracts/shared/actor";
import { eventIdOf, type ReservationId } from "@foyer/kernel/ids";
import type { Answered } from "../clients/box-offices.ts";
import type { Deps } from "../deps.ts";
import type { Attendee, Buyer, Order } from "../domain/model.ts";
import type { IdempotencyClaim } from "../durable-objects/answers.ts";
import { holderOf } from "./holder.ts";

/** Turns a reservation into an order, for its holder. */
export function placeOrder(
  deps: Pick<Deps, "offices" | "keys">,
  call: CallContext & { readonly idempotency: IdempotencyClaim | null },
  input: {
    readonly reservationId: ReservationId;
    readonly proof: HolderProof;
    readonly buyer: Buyer;
    readonly attendees: readonly Attendee[] | null;
    readonly answers: Readonly<Record<string, string>>;
  },
): Promise<Answered<Order>> {
  const { proof, ...order } = input;
  const holder = holderOf(deps.keys, call.actor, input.reservationId, proof.secret);
  return deps.offices.run(eventIdOf(input.reservationId), "placeOrder", { ...order, holder }, call);
}
