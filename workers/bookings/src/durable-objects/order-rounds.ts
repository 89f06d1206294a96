import type { HolderNotice } from "@foyer/contracts/messages/catalog";
import { limits } from "@foyer/kernel/limits";
import { isHeld, type Order, type Reservation } from "../domain/model.ts";
import { move, reservationMoves } from "../domain/states.ts";
import type { Office } from "./office.ts";
import type { Round } from "./rounds.ts";
import { withdrawOrder } from "./withdrawal.ts";

/** Begins to cancel every order, from the alarm on. A notice that was on its way ends: whoever was not told of it is told of this. */
export function beginCancellation(office: Office, version: number): void {
  const notice = office.rounds.find("notice");
  if (notice !== null && notice.finishedAtMs === null) finish(office, notice);
  begin(office, { kind: "cancellation", notice: null }, version);
}

/**
 * Begins to tell everybody who holds tickets of a change. A newer notice takes an older one's place: those whom the older one has not
 * reached are told of the newer one only, which says all that holds by then. What is not newer changes nothing.
 */
export function beginNoticeRound(office: Office, notice: HolderNotice, version: number): void {
  const known = office.rounds.find("notice");
  if (known !== null && known.version >= version) return;
  begin(office, { kind: "notice", notice }, version);
}

/** Takes the current round one batch further. */
export function goRound(office: Office): void {
  const round = office.rounds.current;
  if (round === null) return;
  office.requestId = round.requestId;
  const released = round.kind === "cancellation" ? releaseReservations(office) : 0;
  const countMax = limits.ordersPerRoundMax - released;
  const orders = office.orders.after(round.afterOrderId, countMax);
  for (const order of orders) visit(office, round, order);
  const visited: Round = {
    ...round,
    afterOrderId: orders.at(-1)?.id ?? round.afterOrderId,
    visited: round.visited + orders.length,
  };
  if (orders.length < countMax) finish(office, visited);
  else office.rounds.put(visited);
}

function visit(office: Office, round: Round, order: Order): void {
  if (round.kind === "cancellation") {
    withdrawOrder(office, order);
  } else if (isToBeTold(office, round, order)) {
    const { notice, version } = round;
    office.tell("order.notice_due", { ...office.scope, orderId: order.id, notice, version });
  }
}

/** Whoever bought after the notice had begun has read what holds now. */
function isToBeTold(office: Office, round: Round, order: Order): boolean {
  const isSold = order.status === "confirmed" || order.status === "partially_refunded";
  const isEarlier = order.confirmedAtMs !== null && order.confirmedAtMs <= round.beganAtMs;
  return isSold && isEarlier && office.tickets.ofOrder(order.id).some(isHeld);
}

/** Gives back what is held and no order. New holds are refused by then. Returns how many there were in this batch. */
function releaseReservations(office: Office): number {
  const held = office.reservations.active(limits.ordersPerRoundMax);
  for (const reservation of held) release(office, reservation);
  if (held.length > 0) office.reservations.readNextExpiry();
  return held.length;
}

function release(office: Office, reservation: Reservation): void {
  office.reservations.update({ ...reservation, status: move(reservationMoves, reservation.status, "released") });
  office.stock.move("release", reservation.lines, reservation.id, office.nowMs);
  office.countReservation("released");
}

function begin(office: Office, what: Pick<Round, "kind" | "notice">, version: number): void {
  // The parameter pairs kinds with notices as the round does; the pair is lost by spreading and holds all the same.
  const round = {
    ...what,
    version,
    beganAtMs: office.nowMs,
    afterOrderId: "",
    visited: 0,
    finishedAtMs: null,
    requestId: office.requestId,
  } as Round;
  office.rounds.put(round);
}

function finish(office: Office, round: Round): void {
  office.rounds.put({ ...round, finishedAtMs: office.nowMs });
  const { kind, notice, version, visited, requestId } = round;
  office.log.info("round finished", { requestId, eventId: office.eventId, kind, notice, version, orders: visited });
}
