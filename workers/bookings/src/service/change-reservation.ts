import type { CallContext, HolderProof } from "@foyer/contracts/shared/actor";
import { eventIdOf, type ReservationId } from "@foyer/kernel/ids";
import type { Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import type { Reservation } from "../domain/model.ts";
import type { WantedItem } from "../domain/reservation-rules.ts";
import { holderOf } from "./holder.ts";

/** Makes a reservation hold something else, for its holder; all of it, or nothing changes. */
export async function changeReservation(
  deps: Pick<Deps, "offices" | "keys">,
  call: CallContext,
  input: {
    readonly reservationId: ReservationId;
    readonly proof: HolderProof;
    readonly items: readonly WantedItem[];
    readonly accessCode: string | null;
  },
): Promise<Result<Reservation>> {
  const { proof, ...wanted } = input;
  const holder = holderOf(deps.keys, call.actor, input.reservationId, proof.secret);
  return (await deps.offices.run(eventIdOf(input.reservationId), "changeReservation", { ...wanted, holder }, call))
    .result;
}
