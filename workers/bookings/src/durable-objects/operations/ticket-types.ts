import { newId, type PoolId, type TicketTypeId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Money } from "@foyer/kernel/money";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { admits } from "../../domain/access.ts";
import { availableOf } from "../../domain/availability.ts";
import type { Sale, TicketType } from "../../domain/model.ts";
import { currencyOf, defaultCurrency } from "../../domain/pricing.ts";
import { checkWindow, resolveMoment, type SalesMoment } from "../../domain/sales-window.ts";
import type { Office } from "../office.ts";
import { capacityAllowed, poolsAreFull } from "./pools.ts";
import { checkVersion, eventNotFound } from "./shared.ts";

/** A ticket type with what is left of it and in which currency it is shown. */
export interface TicketTypeView {
  readonly type: TicketType;
  readonly price: Money;
  readonly capacity: number;
  readonly available: number;
  /** Bounds of its sale as the event is dated now, epoch milliseconds; null where there is none, or none yet. */
  readonly opensAtMs: number | null;
  readonly closesAtMs: number | null;
}

/** What an organizer says of a new ticket type: of `poolIds` and `capacity` exactly one is there. */
export interface NewTicketType {
  readonly name: string;
  readonly description: string;
  readonly kind: "paid" | "free";
  readonly price: Money | null;
  readonly poolIds: readonly PoolId[] | null;
  readonly capacity: number | null;
  readonly minPerOrder: number;
  readonly maxPerOrder: number;
  readonly salesStart: SalesMoment | null;
  readonly salesEnd: SalesMoment | null;
  readonly visibility: "public" | "hidden";
  readonly accessCode: string | null;
}

export type TicketTypeChange = Partial<Omit<NewTicketType, "kind" | "poolIds" | "capacity" | "price">> & {
  readonly ticketTypeId: TicketTypeId;
  readonly price?: Money;
  readonly poolIds?: readonly PoolId[];
  readonly capacity?: number;
  readonly ifVersion?: readonly string[];
};

/** Adds a ticket type; one given a capacity gets a pool of its own. */
export function createTicketType(office: Office, input: NewTicketType): Result<TicketTypeView> {
  if (office.preparedSale === null) return eventNotFound();
  if (office.catalog.types.size >= limits.ticketTypesPerEventMax) {
    return fail(
      "bookings.too_many_ticket_types",
      `An event has at most ${limits.ticketTypesPerEventMax} ticket types.`,
    );
  }
  const id = newId("ticketType", office.nowMs);
  const draft: TicketType = {
    id,
    name: input.name,
    description: input.description,
    kind: input.kind,
    priceMinor: input.price?.amount ?? 0,
    currency: input.price?.currency ?? null,
    poolIds: input.poolIds ?? [],
    minPerOrder: input.minPerOrder,
    maxPerOrder: input.maxPerOrder,
    salesStart: input.salesStart,
    salesEnd: input.salesEnd,
    visibility: input.visibility,
    accessCode: input.accessCode,
    version: 1,
  };
  const checked = checkType(office, draft);
  if (!checked.ok) return checked;
  const window = checkWindow(office.sale.facts, draft);
  if (!window.ok) return window;
  if (input.capacity === null) {
    office.catalog.put(draft);
    return ok(viewOf(office, draft));
  }
  const full = poolsAreFull(office);
  if (!full.ok) return full;
  const pool = office.stock.addPool(newId("pool", office.nowMs), input.name, input.capacity, office.nowMs);
  const type = { ...draft, poolIds: [pool.id] };
  office.catalog.put(type);
  return ok(viewOf(office, type));
}

/** Changes a ticket type. What is reserved or ordered keeps the price and the pools of its moment. */
export function updateTicketType(office: Office, input: TicketTypeChange): Result<TicketTypeView> {
  const found = findType(office, input.ticketTypeId);
  if (!found.ok) return found;
  const { ticketTypeId, ifVersion, price, capacity, ...fields } = input;
  const before = found.value;
  const fresh = checkVersion(before.version, ifVersion);
  if (!fresh.ok) return fresh;
  const type: TicketType = {
    ...before,
    ...fields,
    ...(price === undefined ? {} : { priceMinor: price.amount, currency: price.currency }),
    version: before.version + 1,
  };
  const checked = checkType(office, type);
  if (!checked.ok) return checked;
  // A window that the event's move has emptied stands in the way of no other change.
  const isWindowChanged = fields.salesStart !== undefined || fields.salesEnd !== undefined;
  const window = isWindowChanged ? checkWindow(office.sale.facts, type) : ok(null);
  if (!window.ok) return window;
  if (capacity !== undefined) {
    const [poolId, ...others] = before.poolIds;
    if (poolId === undefined || others.length > 0 || office.catalog.drawingOn(poolId).length > 1) {
      return fail("bookings.capacity_shared", "Change the capacity at the pools that this ticket type draws on.");
    }
    const pool = office.stock.pool(poolId);
    const allowed = capacityAllowed(pool, capacity);
    if (!allowed.ok) return allowed;
    if (capacity !== pool.capacity) office.stock.setCapacity(poolId, capacity, office.nowMs);
    office.stock.touch(poolId, pool.name);
  }
  office.catalog.put(type);
  return ok(viewOf(office, type));
}

/** Who reads: a member of the organization, or the public, with what they have shown of a grant. */
interface Reader {
  readonly publicOnly: boolean;
  readonly accessVersion?: number;
}

export function getTicketType(
  office: Office,
  input: { readonly ticketTypeId: TicketTypeId } & Reader,
): Result<TicketTypeView> {
  const found = findType(office, input.ticketTypeId);
  if (!found.ok) return found;
  return input.publicOnly && !(isOpenTo(office.sale, input) && isShown(found.value))
    ? typeNotFound()
    : ok(viewOf(office, found.value));
}

/** All ticket types by time of making; for the public only those that it may see. */
export function listTicketTypes(office: Office, input: Reader): Result<readonly TicketTypeView[]> {
  const sale = office.preparedSale;
  if (sale === null || (input.publicOnly && !isOpenTo(sale, input))) return eventNotFound();
  return ok(
    [...office.catalog.types.values()]
      .filter((type) => !input.publicOnly || isShown(type))
      .sort((left, right) => (left.id < right.id ? -1 : 1))
      .map((type) => viewOf(office, type)),
  );
}

/** Ends the offer of a ticket type; what was sold of it stays valid. */
export function deleteTicketType(
  office: Office,
  input: { readonly ticketTypeId: TicketTypeId; readonly ifVersion?: readonly string[] },
): Result<null> {
  const found = findType(office, input.ticketTypeId);
  if (!found.ok) return found;
  const fresh = checkVersion(found.value.version, input.ifVersion);
  if (!fresh.ok) return fresh;
  office.catalog.remove(found.value.id);
  return ok(null);
}

function checkType(office: Office, type: TicketType): Result<null> {
  const fault = (path: string, code: string, message: string) => ({ errors: [{ path, code, message }] });
  if (type.kind === "paid" && (type.priceMinor === 0 || type.currency === null)) {
    return fail("bookings.price_invalid", "A paid ticket has a price.", fault("price", "too_small", "Above zero"));
  }
  if (type.kind === "free" && type.priceMinor !== 0) {
    return fail("bookings.price_invalid", "A free ticket has no price.", fault("price", "too_big", "Zero or absent"));
  }
  if (type.minPerOrder > type.maxPerOrder) {
    return fail(
      "bookings.quantity_out_of_range",
      "An order's minimum is above its maximum.",
      fault("minPerOrder", "too_big", "At most maxPerOrder"),
    );
  }
  const others = [...office.catalog.types.values()].filter((other) => other.id !== type.id);
  const currency = currencyOf(others);
  if (type.currency !== null && currency !== null && type.currency !== currency) {
    return fail(
      "bookings.mixed_currencies",
      `This event sells in ${currency}.`,
      fault("price.currency", "mixed_currencies", `Use ${currency}`),
    );
  }
  const missing = type.poolIds.findIndex((id) => !office.stock.pools.has(id));
  if (missing >= 0) {
    return fail(
      "bookings.pool_not_found",
      "There is no such pool.",
      fault(`poolIds.${missing}`, "not_found", "No such pool"),
    );
  }
  return ok(null);
}

/** Whether the public may see the offer at all. */
function isOpenTo(sale: Sale, reader: Reader): boolean {
  return sale.status !== "draft" && admits(sale, reader.accessVersion);
}

function isShown(type: TicketType): boolean {
  return type.visibility === "public";
}

function viewOf(office: Office, type: TicketType): TicketTypeView {
  return {
    type,
    price: {
      amount: type.priceMinor,
      currency: type.currency ?? currencyOf(office.catalog.types.values()) ?? defaultCurrency,
    },
    capacity: Math.min(...type.poolIds.map((id) => office.stock.pools.get(id)?.capacity ?? 0)),
    available: availableOf(type, office.stock.pools),
    opensAtMs: instantOf(office, type.salesStart),
    closesAtMs: instantOf(office, type.salesEnd),
  };
}

function instantOf(office: Office, moment: SalesMoment | null): number | null {
  const atMs = resolveMoment(office.sale.facts, moment);
  return atMs === "unresolved" ? null : atMs;
}

function findType(office: Office, id: TicketTypeId): Result<TicketType> {
  const type = office.preparedSale === null ? undefined : office.catalog.types.get(id);
  return type === undefined ? typeNotFound() : ok(type);
}

function typeNotFound(): ReturnType<typeof fail> {
  return fail("bookings.ticket_type_not_found", "There is no such ticket type.");
}
