import type { PoolId, TicketTypeId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { type FieldFault, fail, ok, type Result } from "@foyer/kernel/result";
import { availableOf, freeIn, salesPhase } from "./availability.ts";
import type { Line, Pool, Sale, TicketType } from "./model.ts";
import { defaultCurrency, priceLines } from "./pricing.ts";

export interface WantedItem {
  readonly ticketTypeId: TicketTypeId;
  readonly quantity: number;
}

/** What a reservation would take, decided and not yet done. */
export interface ReservationPlan {
  readonly lines: readonly Line[];
  readonly currency: string;
  readonly totalMinor: number;
}

/** Places that lines take from each pool. */
export function claimsOf(lines: readonly Line[]): Map<PoolId, number> {
  const claims = new Map<PoolId, number>();
  for (const line of lines) {
    for (const poolId of line.poolIds) claims.set(poolId, (claims.get(poolId) ?? 0) + line.quantity);
  }
  return claims;
}

/** Pools as they would be without what these lines hold. */
export function withoutClaims(pools: ReadonlyMap<PoolId, Pool>, lines: readonly Line[]): Map<PoolId, Pool> {
  const freed = new Map(pools);
  for (const [poolId, count] of claimsOf(lines)) {
    const pool = freed.get(poolId);
    if (pool !== undefined) freed.set(poolId, { ...pool, held: pool.held - count });
  }
  return freed;
}

/** Whether every pool has what the lines take from it; a pool that is gone has nothing. */
export function fits(lines: readonly Line[], pools: ReadonlyMap<PoolId, Pool>): boolean {
  for (const [poolId, count] of claimsOf(lines)) {
    const pool = pools.get(poolId);
    if (pool === undefined || freeIn(pool) < count) return false;
  }
  return true;
}

/**
 * The rules of a reservation, all or nothing. A hidden ticket type does not exist for whoever lacks its code. Limits are
 * checked before stock, so that `bookings.sold_out` always means that a smaller number might have been had.
 */
export function decideReservation(
  sale: Sale,
  types: ReadonlyMap<TicketTypeId, TicketType>,
  pools: ReadonlyMap<PoolId, Pool>,
  wanted: { readonly items: readonly WantedItem[]; readonly accessCode: string | null },
  nowMs: number,
): Result<ReservationPlan> {
  const lines: Line[] = [];
  const seen = new Set<TicketTypeId>();
  let currency: string | null = null;
  let tickets = 0;
  for (const [index, item] of wanted.items.entries()) {
    const path = `items.${index}`;
    const type = types.get(item.ticketTypeId);
    // A code that is set is asked for, seen or unseen: an organizer who sets one means it. Without one, a hidden type's id is the key.
    if (type === undefined || (type.accessCode !== null && type.accessCode !== wanted.accessCode)) {
      return fail("bookings.ticket_type_not_found", "There is no such ticket type.", {
        errors: [fault(`${path}.ticketTypeId`, "not_found", "No such ticket type")],
      });
    }
    if (seen.has(type.id)) {
      return fail("bookings.duplicate_item", "List each ticket type once.", {
        errors: [fault(`${path}.ticketTypeId`, "duplicate", "Listed before")],
      });
    }
    seen.add(type.id);
    const phase = salesPhase(sale, type, nowMs);
    if (phase !== "open") {
      return fail("bookings.not_on_sale", "These tickets are not on sale now.", {
        errors: [fault(`${path}.ticketTypeId`, phase, phase === "ended" ? "The sale has ended" : "Not on sale yet")],
      });
    }
    if (item.quantity < type.minPerOrder || item.quantity > type.maxPerOrder) {
      return fail("bookings.quantity_out_of_range", "The quantity is not one that this ticket type allows.", {
        errors: [fault(`${path}.quantity`, "out_of_range", `From ${type.minPerOrder} to ${type.maxPerOrder}`)],
      });
    }
    if (type.currency !== null && currency !== null && type.currency !== currency) {
      return fail("bookings.mixed_currencies", "These tickets are sold in different currencies.", {
        errors: [fault(`${path}.ticketTypeId`, "mixed_currencies", `Sold in ${type.currency}`)],
      });
    }
    currency ??= type.currency;
    tickets += item.quantity;
    lines.push({
      ticketTypeId: type.id,
      name: type.name,
      quantity: item.quantity,
      unitMinor: type.priceMinor,
      poolIds: type.poolIds,
    });
  }
  if (tickets > limits.ticketsPerReservationMax) {
    return fail("bookings.too_many_tickets", `At most ${limits.ticketsPerReservationMax} tickets at once.`);
  }
  const amounts = priceLines(lines);
  if (!amounts.ok) return amounts;
  if (!fits(lines, pools)) {
    return fail("bookings.sold_out", "Not enough tickets are left.", {
      extra: {
        available: wanted.items.map((item) => {
          const type = types.get(item.ticketTypeId);
          return { ticketTypeId: item.ticketTypeId, available: type === undefined ? 0 : availableOf(type, pools) };
        }),
      },
    });
  }
  return ok({ lines, currency: currency ?? defaultCurrency, totalMinor: amounts.value.totalMinor });
}

function fault(path: string, code: string, message: string): FieldFault {
  return { path, code, message };
}

/** The deployment's holding time in seconds from its variable; a value outside of the limits is the usual time. */
export function holdSecondsOf(variable: string | undefined): number {
  const seconds = Number(variable);
  const sensible =
    Number.isInteger(seconds) &&
    seconds >= limits.reservationTtlSecondsMin &&
    seconds <= limits.reservationTtlSecondsMax;
  return sensible ? seconds : limits.reservationTtlSeconds;
}
