import { secondMs } from "@foyer/kernel/clock";
import { newSaleId, type ReservationId, type UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { accessRequired, admits } from "../../domain/access.ts";
import { type Holder, isHeldBy, type Reservation } from "../../domain/model.ts";
import { decideReservation, type WantedItem, withoutClaims } from "../../domain/reservation-rules.ts";
import { canMove, move, reservationMoves } from "../../domain/states.ts";
import { expireReservation, sweep } from "../expiry.ts";
import type { Office } from "../office.ts";
import { eventNotFound } from "./shared.ts";

export interface ReserveInput {
  readonly items: readonly WantedItem[];
  readonly accessCode: string | null;
  readonly userId: UserId | null;
  /** Of the grant that the buyer has shown, as the worker verified it; left out where they showed none that is good. */
  readonly accessVersion?: number;
}

/** The refusal that {@link reserve} would give while nothing is due to expire; null where it would hold. Changes nothing. */
export function refusalOf(office: Office, input: ReserveInput): Result<never> | null {
  if (!admits(office.sale, input.accessVersion)) return accessRequired();
  const plan = decideReservation(office.sale, office.catalog.types, office.stock.pools, input, office.nowMs);
  return plan.ok ? null : plan;
}

/** Holds places for a while, all that are wanted or none. What is held goes on however the event is gated later. */
export function reserve(office: Office, input: ReserveInput): Result<Reservation> {
  const sale = office.preparedSale;
  if (sale === null) return eventNotFound();
  if (!admits(sale, input.accessVersion)) return accessRequired();
  const decide = () => decideReservation(sale, office.catalog.types, office.stock.pools, input, office.nowMs);
  let plan = decide();
  // A refusal stands only once everything that time has freed is free.
  while (!plan.ok && plan.error.code === "bookings.sold_out" && sweep(office) > 0) plan = decide();
  if (!plan.ok) return plan;
  const reservation: Reservation = {
    id: newSaleId("reservation", office.eventId, office.nowMs, office.random),
    status: "active",
    lines: plan.value.lines,
    currency: plan.value.currency,
    userId: input.userId,
    expiresAtMs: office.nowMs + office.holdMs,
    extended: false,
    orderId: null,
  };
  office.reservations.insert(reservation);
  office.stock.move("hold", reservation.lines, reservation.id, office.nowMs);
  office.countReservation("created");
  return ok(reservation);
}

interface ReservationInput {
  readonly reservationId: ReservationId;
  readonly holder: Holder;
}

export function getReservation(office: Office, input: ReservationInput): Result<Reservation> {
  return findReservation(office, input);
}

/**
 * Holds something else instead, all of it or the reservation stays as it was. What it holds counts as free for the change; its time
 * goes on as before.
 */
export function changeReservation(
  office: Office,
  input: ReservationInput & { readonly items: readonly WantedItem[]; readonly accessCode: string | null },
): Result<Reservation> {
  const found = findActive(office, input);
  if (!found.ok) return found;
  const before = found.value;
  const decide = () => {
    const pools = withoutClaims(office.stock.pools, before.lines);
    return decideReservation(office.sale, office.catalog.types, pools, input, office.nowMs);
  };
  let plan = decide();
  while (!plan.ok && plan.error.code === "bookings.sold_out" && sweep(office) > 0) plan = decide();
  if (!plan.ok) return plan;
  const changed: Reservation = { ...before, lines: plan.value.lines, currency: plan.value.currency };
  office.reservations.update(changed);
  office.stock.move("release", before.lines, before.id, office.nowMs);
  office.stock.move("hold", changed.lines, changed.id, office.nowMs);
  office.countReservation("released");
  office.countReservation("created");
  return ok(changed);
}

/** Gives the places back. Giving back what has ended already changes nothing and is no fault. */
export function releaseReservation(office: Office, input: ReservationInput): Result<null> {
  const found = findReservation(office, input);
  if (!found.ok) return found;
  const reservation = found.value;
  if (reservation.status === "converted") {
    return fail(
      "bookings.reservation_not_active",
      "The reservation has become an order; cancel that.",
      orderOf(reservation),
    );
  }
  if (!canMove(reservationMoves, reservation.status, "released")) return ok(null);
  office.reservations.update({ ...reservation, status: move(reservationMoves, reservation.status, "released") });
  office.stock.move("release", reservation.lines, reservation.id, office.nowMs);
  office.countReservation("released");
  return ok(null);
}

/** Gives the holder more time, once. */
export function extendReservation(office: Office, input: ReservationInput): Result<Reservation> {
  const found = findActive(office, input);
  if (!found.ok) return found;
  const reservation = found.value;
  if (reservation.extended) return fail("bookings.already_extended", "A reservation can be extended once.");
  const extended: Reservation = {
    ...reservation,
    extended: true,
    expiresAtMs: reservation.expiresAtMs + limits.reservationExtensionSeconds * secondMs,
  };
  office.reservations.update(extended);
  return ok(extended);
}

/** A reservation whose places are still held, or why they are not. */
export function findActive(office: Office, input: ReservationInput): Result<Reservation> {
  const found = findReservation(office, input);
  if (!found.ok) return found;
  switch (found.value.status) {
    case "active":
      return found;
    case "expired":
      return fail("bookings.reservation_expired", "The reservation has expired; reserve again.");
    default:
      return fail("bookings.reservation_not_active", "The reservation is no longer active.", orderOf(found.value));
  }
}

/** A reservation of this holder as it is now: one that is past its time ends here, whether or not the alarm came. */
function findReservation(office: Office, input: ReservationInput): Result<Reservation> {
  const reservation = office.preparedSale === null ? null : office.reservations.find(input.reservationId);
  if (reservation === null || !isHeldBy(reservation.userId, input.holder)) {
    return fail("bookings.reservation_not_found", "There is no such reservation.");
  }
  const due = reservation.status === "active" && reservation.expiresAtMs <= office.nowMs;
  return ok(due ? expireReservation(office, reservation) : reservation);
}

function orderOf(reservation: Reservation) {
  return reservation.orderId === null ? {} : { extra: { orderId: reservation.orderId } };
}
