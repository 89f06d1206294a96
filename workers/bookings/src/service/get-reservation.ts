import type { CallContext, HolderProof } from "@foyer/contracts/shared/actor";
import { eventIdOf, type ReservationId } from "@foyer/kernel/ids";
import type { Answered } from "../clients/box-offices.ts";
import type { Deps } from "../deps.ts";
import type { IdempotencyClaim } from "../durable-objects/answers.ts";
import type { OperationValue } from "../durable-objects/operations.ts";
import { holderOf } from "./holder.ts";

/** A reservation, for its holder. */
export function getReservation(
  deps: Pick<Deps, "offices" | "keys">,
  call: CallContext & { readonly idempotency?: IdempotencyClaim | null },
  input: { readonly reservationId: ReservationId; readonly proof: HolderProof },
): Promise<Answered<OperationValue<"getReservation">>> {
  const { reservationId, proof } = input;
  const holder = holderOf(deps.keys, call.actor, reservationId, proof.secret);
  return deps.offices.run(eventIdOf(reservationId), "getReservation", { reservationId, holder }, call);
}
