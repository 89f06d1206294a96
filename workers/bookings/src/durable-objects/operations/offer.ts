import type { EventFacts } from "@foyer/contracts/events/rpc";
import { required } from "@foyer/kernel/assert";
import { type IdKind, newId, type OrganizationId, type PoolId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import type { Pool, TicketType } from "../../domain/model.ts";
import { shiftMoment } from "../../domain/sales-window.ts";
import type { Office } from "../office.ts";
import { prepareSale } from "./sale.ts";
import { eventNotFound } from "./shared.ts";

/** What an event offers, without anything that was sold of it. */
export interface Offer {
  readonly organizationId: OrganizationId;
  /** When that event starts, which the instants of its sales windows are moved along from. */
  readonly startsAtMs: number | null;
  /** By time of making, as the ticket types are. */
  readonly pools: readonly Pick<Pool, "id" | "name" | "capacity">[];
  readonly types: readonly TicketType[];
}

/** An event's offer, for another event to take; null for an event that was never prepared. */
export function getOffer(office: Office): Result<Offer | null> {
  const sale = office.preparedSale;
  if (sale === null) return ok(null);
  return ok({
    organizationId: sale.facts.organizationId,
    startsAtMs: sale.facts.startsAtMs,
    pools: [...office.stock.pools.values()].sort(byId).map(({ id, name, capacity }) => ({ id, name, capacity })),
    types: [...office.catalog.types.values()].sort(byId),
  });
}

/** Makes the event known and gives it another's offer, all of it in one transaction. An event that offers anything already keeps that. */
export function takeOffer(office: Office, input: { readonly event: EventFacts; readonly offer: Offer }): Result<null> {
  const { event, offer } = input;
  const known = office.preparedSale?.facts.organizationId ?? event.organizationId;
  if (known !== event.organizationId || offer.organizationId !== event.organizationId) return eventNotFound();
  const prepared = prepareSale(office, { event });
  if (!prepared.ok || office.stock.pools.size > 0 || office.catalog.types.size > 0) return prepared;
  const poolIds = copyPools(office, offer.pools);
  const startsAtMs = office.sale.facts.startsAtMs;
  const shiftMs = startsAtMs === null || offer.startsAtMs === null ? 0 : startsAtMs - offer.startsAtMs;
  const typeIds = newIds(office, "ticketType", offer.types.length);
  for (const [index, type] of offer.types.entries()) {
    office.catalog.put({
      ...type,
      id: required(typeIds[index], "an id for each ticket type"),
      poolIds: type.poolIds.map((id) => required(poolIds.get(id), "a ticket type draws on pools of its event")),
      salesStart: shiftMoment(type.salesStart, shiftMs),
      salesEnd: shiftMoment(type.salesEnd, shiftMs),
      version: 1,
    });
  }
  return ok(null);
}

/** Makes empty pools of the same capacities; returns the new ids by the old. */
function copyPools(office: Office, pools: Offer["pools"]): ReadonlyMap<PoolId, PoolId> {
  const ids = newIds(office, "pool", pools.length);
  const copied = new Map<PoolId, PoolId>();
  for (const [index, { id, name, capacity }] of pools.entries()) {
    const newPool = office.stock.addPool(required(ids[index], "an id for each pool"), name, capacity, office.nowMs);
    copied.set(id, newPool.id);
  }
  return copied;
}

/** Ids of one moment in their order, which lists go by. */
function newIds<K extends IdKind>(office: Office, kind: K, count: number) {
  return Array.from({ length: count }, () => newId(kind, office.nowMs, office.random)).sort();
}

function byId(left: { readonly id: string }, right: { readonly id: string }): number {
  return left.id < right.id ? -1 : 1;
}
