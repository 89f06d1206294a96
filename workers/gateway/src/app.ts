import { internalErrorResponse } from "@foyer/http/problem";
import { requestIdFrom } from "@foyer/http/request-id";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "./deps.ts";
import { clientKeyOf } from "./domain/clients.ts";
import { allowOrigin, preflightHeaders } from "./domain/cors.ts";
import type { EdgeTurn } from "./domain/edge-cache.ts";
import { cover, stripInternal } from "./domain/headers.ts";
import { rateLimitOf, refusalHeaders } from "./domain/rate-limits.ts";
import { workerOf } from "./domain/routes.ts";
import { pageRouteOf } from "./pages/routes.ts";
import { platformRoutes } from "./routes/platform.ts";
import type { GatewayCall } from "./service/gateway-call.ts";
import { passOn } from "./service/pass-on.ts";
import { problem } from "./service/problem.ts";
import { flaggedSale, refuseSoldOut } from "./service/refuse-sold-out.ts";
import { giveKept, isPublicRead, type Outlive, readPublic } from "./service/share-answer.ts";

/**
 * Answers one request of the public API. Never throws. What others may have asked for as well comes first and from memory;
 * `outlive` keeps a read alive that they wait for when its own caller hangs up.
 */
export function answerRequest(deps: Deps, request: Request, outlive: Outlive = () => {}): Response | Promise<Response> {
  const requestId = requestIdFrom(request.headers.get("x-request-id"));
  try {
    if (!isPublicRead(request)) return answerOne(deps, request, requestId);
    const turn = deps.edge.turnFor(request.url, deps.clock.nowMs());
    if (turn?.kind === "give") return giveKept(deps, turn.answer, request, requestId);
    return answerPublic(deps, turn, request, requestId, outlive);
  } catch (thrown) {
    return answerFault(deps, request, requestId, thrown);
  }
}

async function answerPublic(
  deps: Deps,
  turn: Exclude<EdgeTurn, { kind: "give" }> | null,
  request: Request,
  requestId: string,
  outlive: Outlive,
): Promise<Response> {
  try {
    const path = pathOf(request.url);
    const produce = async (asked: Request) =>
      cover(path, await decide(deps, { request: asked, path, requestId, bodyText: null }));
    const answer = await readPublic(deps, turn, request, produce, outlive);
    return answer instanceof Response
      ? sign(deps, request, requestId, answer)
      : giveKept(deps, answer, request, requestId);
  } catch (thrown) {
    return answerFault(deps, request, requestId, thrown);
  }
}

async function answerOne(deps: Deps, request: Request, requestId: string): Promise<Response> {
  try {
    const path = pathOf(request.url);
    let bodyText: string | null = null;
    const eventId = flaggedSale(deps, request, path);
    if (eventId !== null) {
      bodyText = await request.text();
      const refusal = refuseSoldOut(deps, request, eventId, bodyText, requestId);
      if (refusal !== null) return refusal;
    }
    const response = await decide(deps, { request, path, requestId, bodyText });
    // A change that went well makes the address it was sent to old (RFC 9111 section 4.4).
    if (response.ok && request.method !== "GET") deps.edge.forget(request.url);
    if (response.status === switchingProtocols) return openSocket(response, requestId);
    return sign(deps, request, requestId, cover(path, response));
  } catch (thrown) {
    return answerFault(deps, request, requestId, thrown);
  }
}

/** A socket is no page: it carries its id and nothing of what {@link cover} adds. */
function openSocket(response: Response, requestId: string): Response {
  const opened = new Response(null, response);
  stripInternal(opened.headers);
  opened.headers.set("x-request-id", requestId);
  return opened;
}

function answerFault(deps: Deps, request: Request, requestId: string, thrown: unknown): Response {
  const path = pathOf(request.url);
  deps.log.error("unhandled", { ...describeError(thrown), requestId, method: request.method, route: path });
  return sign(deps, request, requestId, cover(path, internalErrorResponse(requestId)));
}

async function decide(deps: Deps, call: GatewayCall): Promise<Response> {
  const { request, path } = call;
  if (request.method === "OPTIONS" && request.headers.has("access-control-request-method"))
    return preflight(deps, call);
  const own = platformRoutes.get(path) ?? pageRouteOf(path);
  const reads = request.method === "GET" || request.method === "HEAD";
  if (own !== undefined && reads && !own.limited) return own.answer(deps, call);
  const limited = await limit(deps, call);
  if (limited !== null) return limited;
  if (own !== undefined && reads) return own.answer(deps, call);
  const worker = workerOf(path);
  if (worker === null) return problem({ code: "request.not_found", detail: "No such path." }, call);
  return passOn(deps, call, worker);
}

function preflight(deps: Deps, call: GatewayCall): Response {
  const origin = call.request.headers.get("origin");
  if (origin === null || !deps.allowedOrigins.has(origin)) {
    return problem({ code: "gateway.origin_not_allowed", detail: "This origin is not on the list." }, call);
  }
  return new Response(null, { status: 204, headers: preflightHeaders() });
}

async function limit(deps: Deps, call: GatewayCall): Promise<Response | null> {
  const policies = deps.rateLimits;
  if (policies === null) return null;
  const { request, path, requestId } = call;
  const name = rateLimitOf(request.method, path);
  try {
    const key = clientKeyOf(request.headers.get("cf-connecting-ip"));
    if ((await deps.limiters[name].limit({ key })).success) return null;
  } catch (thrown) {
    // A sale is worth more than a count: when the counter is down, nobody is refused by it.
    deps.log.warn("rate limiter unavailable", { ...describeError(thrown), requestId });
    return null;
  }
  const response = problem({ code: "request.limited", detail: "Too many requests from this address." }, call);
  for (const [header, value] of Object.entries(refusalHeaders(policies, name))) response.headers.set(header, value);
  return response;
}

/** Gives an answer what is this caller's: its id, and what his page may read. */
function sign(deps: Deps, request: Request, requestId: string, covered: Response): Response {
  const { headers } = covered;
  headers.set("x-request-id", requestId);
  const origin = request.headers.get("origin");
  if (origin !== null) allowOrigin(headers, origin, deps.allowedOrigins);
  return covered;
}

const switchingProtocols = 101;
const shortestSchemeChars = "http://".length;

function pathOf(url: string): string {
  const from = url.indexOf("/", shortestSchemeChars + 1);
  const query = url.indexOf("?", from);
  return query === -1 ? url.slice(from) : url.slice(from, query);
}
