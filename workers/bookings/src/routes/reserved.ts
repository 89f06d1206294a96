import { bookingsErrors } from "@foyer/contracts/bookings/errors";
import { problemResponse } from "@foyer/http/problem";
import type { Failure } from "@foyer/kernel/result";
import type { Answered } from "../clients/box-offices.ts";
import type { EventKeys } from "../clients/event-keys.ts";
import type { Reservation } from "../domain/model.ts";
import { reservationBody } from "./shapes.ts";

/** Tells the gateway which ticket types it may refuse by itself for a moment; never leaves the platform. */
export const soldOutHeader = "foyer-sold-out";

/** The answer to whoever asked for a reservation: the reservation with its secret, or why there is none. */
export function answerReserved(
  { result, replayed }: Answered<Reservation>,
  keys: Pick<EventKeys, "secretOf">,
  requestId: string,
): Response {
  const headers: Record<string, string> = { "x-request-id": requestId };
  if (replayed) headers["idempotent-replayed"] = "true";
  if (!result.ok) {
    const soldOut = soldOutTypes(result.error);
    if (soldOut !== "") headers[soldOutHeader] = soldOut;
    return problemResponse(result.error, bookingsErrors, requestId, headers);
  }
  headers["content-type"] = "application/json";
  headers["cache-control"] = "no-store";
  const body = { ...reservationBody(result.value), secret: keys.secretOf(result.value.id) };
  return new Response(JSON.stringify(body), { status: 201, headers });
}

/** Ids of the wanted ticket types that have nothing left at all. */
function soldOutTypes(failure: Failure): string {
  const available = failure.code === "bookings.sold_out" ? failure.extra?.available : undefined;
  if (!Array.isArray(available)) return "";
  return available.flatMap((entry) => (entry.available === 0 ? [String(entry.ticketTypeId)] : [])).join(",");
}
