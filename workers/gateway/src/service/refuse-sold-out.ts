import { type EventId, isId } from "@foyer/kernel/ids";
import type { Deps } from "../deps.ts";
import { allowOrigin } from "../domain/cors.ts";
import { contentPolicy, securityHeaders, soldOutHeader } from "../domain/headers.ts";
import { plainBodyCharsMax, plainTicketTypes, refusalFrom } from "../domain/sold-out.ts";

const reservationsPath = /^\/v1\/events\/([^/]+)\/reservations$/;
const problemBytesMax = 16_384;
const conflictStatus = 409;

/** The headers of a refusal, put together once: this answer is given more often than all others in a rush. */
const refusalHeaders = new Headers([
  ...securityHeaders.map(([name, value]): [string, string] => [name, value]),
  ["content-security-policy", contentPolicy],
  ["cross-origin-resource-policy", "same-origin"],
  ["content-type", "application/problem+json"],
  ["cache-control", "no-store"],
  ["vary", "Origin"],
]);

/** The event whose tickets a request reserves, or null for any other request. */
export function reservedEvent(method: string, path: string): EventId | null {
  if (method !== "POST" || !path.endsWith("/reservations")) return null;
  const id = reservationsPath.exec(path)?.[1];
  return id !== undefined && isId("event", id) ? id : null;
}

/**
 * The event of a reservation that may be refused here, once its body is known. Null where the request is not one to look into:
 * nothing of the event is flagged, it carries an `Idempotency-Key` (it may repeat a request that got tickets), or it is
 * unusual in any way.
 */
export function flaggedSale(deps: Deps, request: Request, path: string): EventId | null {
  const eventId = reservedEvent(request.method, path);
  return eventId !== null && deps.soldOut.has(eventId) && isPlain(request) ? eventId : null;
}

/** Refuses a reservation of what bookings called sold out within the last second; null where bookings must be asked. */
export function refuseSoldOut(
  deps: Deps,
  request: Request,
  eventId: EventId,
  bodyText: string,
  requestId: string,
): Response | null {
  const ticketTypeIds = plainTicketTypes(bodyText);
  const refusal = ticketTypeIds === null ? null : deps.soldOut.refusalFor(eventId, ticketTypeIds, deps.clock.nowMs());
  if (refusal === null) return null;
  const response = new Response(refusal.before + requestId + refusal.after, {
    status: conflictStatus,
    headers: refusalHeaders,
  });
  const { headers } = response;
  headers.set("x-request-id", requestId);
  const origin = request.headers.get("origin");
  if (origin !== null) allowOrigin(headers, origin, deps.allowedOrigins);
  return response;
}

function isPlain(request: Request): boolean {
  const { headers } = request;
  const lengthText = headers.get("content-length");
  return (
    lengthText !== null &&
    Number(lengthText) <= plainBodyCharsMax &&
    !headers.has("idempotency-key") &&
    headers.get("content-type") === "application/json" &&
    !headers.has("content-encoding") &&
    !request.url.includes("?")
  );
}

/**
 * Remembers what bookings just called sold out, and returns its answer to be passed on. What it told whoever a gated event lets in is for them alone.
 */
export async function noteSoldOut(
  deps: Deps,
  eventId: EventId,
  request: Request,
  response: Response,
): Promise<Response> {
  const ticketTypeIds = response.headers.get(soldOutHeader);
  if (response.status !== conflictStatus || ticketTypeIds === null || response.body === null) return response;
  if (request.headers.has("x-event-access")) return response;
  const ids = ticketTypeIds.split(",").map((id) => id.trim());
  // In a rush of keyed requests bookings says the same thousands of times a second; it need not be read each time.
  if (deps.soldOut.wereJustFlagged(eventId, ids, deps.clock.nowMs())) return response;
  const body = await response.text();
  if (body.length <= problemBytesMax) {
    for (const id of ids) {
      const refusal = refusalFrom(body, id);
      if (refusal !== null) deps.soldOut.flag(eventId, [id], refusal, deps.clock.nowMs());
    }
  }
  return new Response(body, { status: response.status, headers: response.headers });
}
