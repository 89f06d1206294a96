import { newId, type PoolId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Pool } from "../../domain/model.ts";
import type { Office } from "../office.ts";
import { checkVersion, eventNotFound } from "./shared.ts";

/** Adds a pool. `bookings.too_many_pools` at the event's limit. */
export function createPool(office: Office, input: { readonly name: string; readonly capacity: number }): Result<Pool> {
  if (office.preparedSale === null) return eventNotFound();
  const full = poolsAreFull(office);
  if (!full.ok) return full;
  const id = newId("pool", office.nowMs);
  return ok(office.stock.addPool(id, input.name, input.capacity, office.nowMs));
}

/** Fails with `bookings.too_many_pools` where no pool can be added. */
export function poolsAreFull(office: Office): Result<null> {
  return office.stock.pools.size >= limits.poolsPerEventMax
    ? fail("bookings.too_many_pools", `An event has at most ${limits.poolsPerEventMax} pools.`)
    : ok(null);
}

export function listPools(office: Office): Result<readonly Pool[]> {
  if (office.preparedSale === null) return eventNotFound();
  return ok([...office.stock.pools.values()].sort((left, right) => (left.id < right.id ? -1 : 1)));
}

export function getPool(office: Office, input: { readonly poolId: PoolId }): Result<Pool> {
  return findPool(office, input.poolId);
}

/** Renames a pool or changes its capacity, which never goes below what is sold and held. */
export function updatePool(
  office: Office,
  input: {
    readonly poolId: PoolId;
    readonly name?: string;
    readonly capacity?: number;
    readonly ifVersion?: readonly string[];
  },
): Result<Pool> {
  const found = findPool(office, input.poolId);
  if (!found.ok) return found;
  const pool = found.value;
  const fresh = checkVersion(pool.version, input.ifVersion);
  if (!fresh.ok) return fresh;
  if (input.capacity !== undefined) {
    const allowed = capacityAllowed(pool, input.capacity);
    if (!allowed.ok) return allowed;
    if (input.capacity !== pool.capacity) office.stock.setCapacity(pool.id, input.capacity, office.nowMs);
  }
  office.stock.touch(pool.id, input.name ?? pool.name);
  return ok(office.stock.pool(pool.id));
}

/** Fails with `bookings.capacity_in_use` where a capacity would be below what is held and sold. */
export function capacityAllowed(pool: Pool, capacity: number): Result<null> {
  const inUse = pool.held + pool.sold;
  return capacity < inUse
    ? fail("bookings.capacity_in_use", "More places than that are sold or held.", { extra: { inUse } })
    : ok(null);
}

/** Removes a pool that no ticket type draws on and of which nothing is held or sold. */
export function deletePool(
  office: Office,
  input: { readonly poolId: PoolId; readonly ifVersion?: readonly string[] },
): Result<null> {
  const found = findPool(office, input.poolId);
  if (!found.ok) return found;
  const pool = found.value;
  const fresh = checkVersion(pool.version, input.ifVersion);
  if (!fresh.ok) return fresh;
  if (pool.held + pool.sold > 0 || office.catalog.drawingOn(pool.id).length > 0) {
    return fail("bookings.pool_in_use", "Tickets of this pool are sold, held or offered.");
  }
  office.stock.removePool(pool.id, office.nowMs);
  return ok(null);
}

function findPool(office: Office, id: PoolId): Result<Pool> {
  const pool = office.preparedSale === null ? undefined : office.stock.pools.get(id);
  return pool === undefined ? fail("bookings.pool_not_found", "There is no such pool.") : ok(pool);
}
