import { eventAccessHeader } from "@foyer/auth/event-access";
import { actorOf } from "@foyer/auth/middleware";
import { createReservationSchema } from "@foyer/contracts/bookings/api";
import { isIdempotencyKey, principalOf } from "@foyer/http/idempotency";
import { internalErrorResponse } from "@foyer/http/problem";
import { requestIdFrom } from "@foyer/http/request-id";
import { type EventId, isId } from "@foyer/kernel/ids";
import { describeError } from "@foyer/telemetry/logger";
import type * as z from "zod";
import type { Deps } from "../deps.ts";
import { reserveTickets } from "../service/reserve-tickets.ts";
import { claimOf } from "./call.ts";
import { answerReserved } from "./reserved.ts";

type Serve = (request: Request, env: object, ctx: ExecutionContext) => Response | Promise<Response>;

const reservePath = /^https?:\/\/[^/?#]+\/v1\/events\/([^/?#%]+)\/reservations$/;
const jsonType = /^application\/json(?:\s*;|$)/i;

/**
 * Stands before the app for the one request that a rush is made of: a well-formed `POST /v1/events/{id}/reservations`. It runs
 * the same use-case and gives the same answer as the route of that name, without the middleware between. Whatever is unusual in
 * a request, down to a single wrong field, is left to the app, which alone knows how to refuse it.
 */
export function beforeApp(provide: (bindings: object) => Deps, app: Serve): Serve {
  return (request, env, ctx) => {
    const eventId = request.method === "POST" ? reservePath.exec(request.url)?.[1] : undefined;
    const ours =
      eventId !== undefined && isId("event", eventId) && jsonType.test(request.headers.get("content-type") ?? "");
    return ours ? reserve(request, eventId, provide(env), (copy) => app(copy, env, ctx)) : app(request, env, ctx);
  };
}

async function reserve(
  request: Request,
  eventId: EventId,
  deps: Deps,
  leave: (copy: Request) => Response | Promise<Response>,
): Promise<Response> {
  const { headers } = request;
  const requestId = requestIdFrom(headers.get("x-request-id"));
  try {
    const body = await request.text();
    const wanted = wantedIn(body);
    const key = headers.get("idempotency-key");
    const actor = await actorOf(headers.get("authorization"), deps.auth, deps.log);
    const principal = actor.ok ? principalOf(actor.value, undefined) : "";
    if (wanted === null || !actor.ok || (key !== null && !isIdempotencyKey(key, principal))) {
      return leave(new Request(request.url, { method: request.method, headers, body }));
    }
    const route = `POST /v1/events/${eventId}/reservations`;
    const idempotency = key === null ? null : claimOf(principal, route, key, body);
    const answered = await reserveTickets(
      deps,
      { actor: actor.value, requestId, idempotency },
      {
        eventId,
        items: wanted.items,
        accessCode: wanted.accessCode ?? null,
        grant: headers.get(eventAccessHeader),
      },
    );
    return answerReserved(answered, deps.keys, requestId);
  } catch (thrown) {
    deps.log.error("unhandled", { requestId, ...describeError(thrown), method: request.method, route: request.url });
    const response = internalErrorResponse(requestId);
    response.headers.set("x-request-id", requestId);
    return response;
  }
}

/** What a body asks for; null where it is not what the contract says. */
function wantedIn(body: string): z.infer<typeof createReservationSchema> | null {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return null;
  }
  const parsed = createReservationSchema.safeParse(json);
  return parsed.success ? parsed.data : null;
}
