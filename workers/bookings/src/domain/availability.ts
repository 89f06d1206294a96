import type { availabilityStatuses } from "@foyer/contracts/bookings/api";
import type { PoolId, TicketTypeId } from "@foyer/kernel/ids";
import type { Pool, Sale, TicketType } from "./model.ts";
import { resolveMoment } from "./sales-window.ts";

export type AvailabilityStatus = (typeof availabilityStatuses)[number];

export interface TypeAvailability {
  readonly id: TicketTypeId;
  readonly status: AvailabilityStatus;
  readonly available: number;
}

/** Places left in a pool. */
export function freeIn(pool: Pool): number {
  return pool.capacity - pool.held - pool.sold;
}

/** Tickets of this type that could be sold now: what its scarcest pool has left. */
export function availableOf(type: TicketType, pools: ReadonlyMap<PoolId, Pool>): number {
  let least = Number.MAX_SAFE_INTEGER;
  for (const id of type.poolIds) {
    const pool = pools.get(id);
    least = Math.min(least, pool === undefined ? 0 : freeIn(pool));
  }
  return least === Number.MAX_SAFE_INTEGER ? 0 : least;
}

/**
 * Where a moment lies against a ticket type's sales window. The event's end ends all sales. A window that waits for the event's dates has not
 * begun; one that ends before it begins, because the event was moved, is over.
 */
export function salesPhase(sale: Sale, type: TicketType, nowMs: number): "not_yet" | "open" | "ended" {
  const { facts, status } = sale;
  if (status === "closed" || (facts.endsAtMs !== null && nowMs >= facts.endsAtMs)) return "ended";
  const opensAtMs = resolveMoment(facts, type.salesStart);
  const closesAtMs = resolveMoment(facts, type.salesEnd);
  if (opensAtMs === "unresolved" || closesAtMs === "unresolved") return "not_yet";
  if (closesAtMs !== null && (nowMs >= closesAtMs || (opensAtMs !== null && opensAtMs >= closesAtMs))) return "ended";
  return status === "draft" || (opensAtMs !== null && nowMs < opensAtMs) ? "not_yet" : "open";
}

/** "Low" begins at a tenth of the capacity, and at ten tickets for small pools. */
const lowShare = 0.1;
const lowCount = 10;

/** One ticket type as the crowd sees it. */
export function availabilityOf(
  sale: Sale,
  type: TicketType,
  pools: ReadonlyMap<PoolId, Pool>,
  nowMs: number,
): TypeAvailability {
  const available = availableOf(type, pools);
  const phase = salesPhase(sale, type, nowMs);
  if (phase !== "open") return { id: type.id, status: phase === "not_yet" ? "not_yet" : "ended", available };
  // Fewer than an order must have is as good as none.
  if (available < type.minPerOrder) return { id: type.id, status: "sold_out", available };
  const capacity = Math.min(...type.poolIds.map((id) => pools.get(id)?.capacity ?? 0));
  const low = available <= Math.min(capacity - 1, Math.max(lowCount, Math.floor(capacity * lowShare)));
  return { id: type.id, status: low ? "low" : "on_sale", available };
}

/** What search wants to know of the whole event. */
export interface CapacityFacts {
  readonly priceMinMinor: number | null;
  readonly priceMaxMinor: number | null;
  readonly currency: string | null;
  readonly soldOut: boolean;
}

/** Price range and stock over the public ticket types. An event without any is not sold out but empty. */
export function capacityFacts(types: Iterable<TicketType>, pools: ReadonlyMap<PoolId, Pool>): CapacityFacts {
  const shown = [...types].filter((type) => type.visibility === "public");
  const prices = shown.map((type) => type.priceMinor);
  return {
    priceMinMinor: prices.length === 0 ? null : Math.min(...prices),
    priceMaxMinor: prices.length === 0 ? null : Math.max(...prices),
    currency: shown.find((type) => type.currency !== null)?.currency ?? null,
    soldOut: shown.length > 0 && shown.every((type) => availableOf(type, pools) < type.minPerOrder),
  };
}
