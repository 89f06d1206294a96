import { type EventId, isId } from "@foyer/kernel/ids";
import type { Deps } from "../deps.ts";
import { allowOrigin } from "../domain/cors.ts";
import { contentPolicy, securityHeaders, soldOutHeader } from "../domain/headers.ts";
import { plainBodyCharsMax, plainTicketTypes, refusalFrom } from "../domain/sold-out.ts";

/** What became of a reservation that may be refused here: an answer, or its body, read and to be passed on. */
export type EarlyOutcome =
  | { readonly refused: true; readonly response: Response }
  | { readonly refused: false; readonly bodyText: string };

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
 * Refuses a reservation of what bookings called sold out within the last second, without asking again. Null where the
 * request is not one to look into: nothing of the event is flagged, it carries an `Idempotency-Key` (it may repeat a
 * request that got tickets), or it is unusual in any way.
 */
export async function refuseSoldOut(
  deps: Deps,
  request: Request,
  path: string,
  requestId: string,
): Promise<EarlyOutcome | null> {
  const eventId = reservedEvent(request.method, path);
  if (eventId === null || !deps.soldOut.has(eventId) || !isPlain(request)) return null;
  const bodyText = await request.text();
  const ticketTypeIds = plainTicketTypes(bodyText);
  const refusal = ticketTypeIds === null ? null : deps.soldOut.refusalFor(eventId, ticketTypeIds, deps.clock.nowMs());
  if (refusal === null) return { refused: false, bodyText };
  const response = new Response(refusal.before + requestId + refusal.after, {
    status: conflictStatus,
    headers: refusalHeaders,
  });
  response.headers.set("x-request-id", requestId);
  const origin = request.headers.get("origin");
  if (origin !== null) allowOrigin(response.headers, origin, deps.allowedOrigins);
  return { refused: true, response };
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

/** Remembers what bookings just called sold out, and returns its answer to be passed on. */
export async function noteSoldOut(deps: Deps, eventId: EventId, response: Response): Promise<Response> {
  const ticketTypeIds = response.headers.get(soldOutHeader);
  if (response.status !== conflictStatus || ticketTypeIds === null || response.body === null) return response;
  const body = await response.text();
  if (body.length <= problemBytesMax) {
    const refusal = refusalFrom(body);
    const ids = ticketTypeIds.split(",").map((id) => id.trim());
    if (refusal !== null) deps.soldOut.flag(eventId, ids, refusal, deps.clock.nowMs());
  }
  return new Response(body, { status: response.status, headers: response.headers });
}
