import { type EventId, isId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";

/** How long a refusal may be repeated without asking: what was given back meanwhile is on sale again after it. */
export const flagTtlMs = 1_000;
/** From this age on one request is let through to ask again, so that the crowd does not arrive when the flag ends. */
export const flagProbeAfterMs = 750;
/** A flag younger than this is not renewed. */
export const flagRenewAfterMs = 100;
/** A body longer than this is not looked into; twenty plain items fit. */
export const plainBodyCharsMax = 2_048;
const eventsMax = 200;
const ticketTypesMax = 100; // as many as an event may have

/** A refusal that can be said again: the problem document without its request id, in two halves. */
export interface Refusal {
  readonly before: string;
  readonly after: string;
}

interface Flag {
  readonly refusal: Refusal;
  readonly endsAtMs: number;
  probeAtMs: number;
}

/** Ticket types that were sold out a moment ago, in this isolate's memory. */
export interface SoldOutFlags {
  /** Whether anything of this event is flagged; a cheap first question. */
  has(eventId: string): boolean;
  /** Whether all of these were flagged so recently that to flag them again would change next to nothing. */
  wereJustFlagged(eventId: EventId, ticketTypeIds: readonly string[], nowMs: number): boolean;
  /** Remembers a refusal for these ticket types of the event. */
  flag(eventId: EventId, ticketTypeIds: readonly string[], refusal: Refusal, nowMs: number): void;
  /** The refusal for somebody who asks for these ticket types now, or null where bookings must be asked. */
  refusalFor(eventId: string, ticketTypeIds: readonly string[], nowMs: number): Refusal | null;
}

/** Makes an empty memory of at most 200 events; the one flagged first makes room. */
export function createSoldOutFlags(): SoldOutFlags {
  const events = new Map<string, Map<string, Flag>>();
  return {
    has: (eventId) => events.has(eventId),
    wereJustFlagged(eventId, ticketTypeIds, nowMs) {
      const flags = events.get(eventId);
      if (flags === undefined) return false;
      return ticketTypeIds.every((id) => (flags.get(id)?.endsAtMs ?? 0) - nowMs > flagTtlMs - flagRenewAfterMs);
    },
    flag(eventId, ticketTypeIds, refusal, nowMs) {
      let flags = events.get(eventId);
      if (flags === undefined) {
        if (events.size >= eventsMax) events.delete(events.keys().next().value ?? "");
        flags = new Map();
        events.set(eventId, flags);
      }
      for (const id of ticketTypeIds.slice(0, ticketTypesMax)) {
        if (!isId("ticketType", id) || (flags.size >= ticketTypesMax && !flags.has(id))) continue;
        flags.set(id, { refusal, endsAtMs: nowMs + flagTtlMs, probeAtMs: nowMs + flagProbeAfterMs });
      }
    },
    refusalFor(eventId, ticketTypeIds, nowMs) {
      const flags = events.get(eventId);
      if (flags === undefined) return null;
      for (const id of ticketTypeIds) {
        const flag = flags.get(id);
        if (flag === undefined) continue;
        if (nowMs >= flag.endsAtMs) {
          flags.delete(id);
          if (flags.size === 0) events.delete(eventId);
          continue;
        }
        if (nowMs >= flag.probeAtMs) {
          flag.probeAtMs = Number.POSITIVE_INFINITY;
          return null;
        }
        return flag.refusal;
      }
      return null;
    },
  };
}

/**
 * Splits a problem document around its request id; null for anything that is not one with an id. Of what is left it says one
 * ticket type's: the others that the first caller asked for may be hidden from whoever is refused next.
 */
export function refusalFrom(body: string, ticketTypeId: string): Refusal | null {
  let problem: unknown;
  try {
    problem = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof problem !== "object" || problem === null || !("requestId" in problem)) return null;
  const { requestId: _itsOwn, ...rest } = problem;
  const told = "available" in rest ? { ...rest, available: onlyOf(ticketTypeId, rest.available) } : rest;
  return { before: `${JSON.stringify(told).slice(0, -1)},"requestId":"`, after: '"}' };
}

function onlyOf(ticketTypeId: string, available: unknown): unknown {
  if (!Array.isArray(available)) return available;
  return (available as unknown[]).filter(
    (entry) =>
      typeof entry === "object" && entry !== null && "ticketTypeId" in entry && entry.ticketTypeId === ticketTypeId,
  );
}

const hasOnly = (value: object, count: number): boolean => Object.keys(value).length === count;

/**
 * The ticket types that a plain reservation asks for: `{"items":[{"ticketTypeId","quantity"}]}` and nothing else, each
 * valid and named once. Null for everything unusual (codes, unknown fields, odd quantities): bookings judges that.
 */
export function plainTicketTypes(body: string): readonly string[] | null {
  if (body.length > plainBodyCharsMax) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null;
  }
  if (typeof parsed !== "object" || parsed === null || !("items" in parsed) || !hasOnly(parsed, 1)) return null;
  const { items } = parsed;
  if (!Array.isArray(items) || items.length === 0 || items.length > limits.itemsPerReservationMax) return null;
  const ids: string[] = [];
  for (const item of items as unknown[]) {
    if (typeof item !== "object" || item === null || !hasOnly(item, 2)) return null;
    if (!("ticketTypeId" in item) || !("quantity" in item)) return null;
    const { ticketTypeId, quantity } = item;
    if (typeof ticketTypeId !== "string" || !isId("ticketType", ticketTypeId) || ids.includes(ticketTypeId))
      return null;
    if (typeof quantity !== "number" || !Number.isInteger(quantity)) return null;
    if (quantity < 1 || quantity > limits.quantityPerItemMax) return null;
    ids.push(ticketTypeId);
  }
  return ids;
}
