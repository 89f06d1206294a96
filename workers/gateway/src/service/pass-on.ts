import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import { bodyBytesMaxOf, type CountedBody, countBody } from "../domain/bodies.ts";
import { type Credentials, credentialsOf } from "../domain/cookies.ts";
import { placeHeader, stripInternal } from "../domain/headers.ts";
import { placeOf } from "../domain/place.ts";
import type { WorkerBinding } from "../domain/routes.ts";
import type { GatewayCall } from "./gateway-call.ts";
import { problem } from "./problem.ts";
import { noteSoldOut, reservedEvent } from "./refuse-sold-out.ts";

/**
 * Passes a request to the worker that owns its path, and the worker's answer back. Cookies become what {@link credentialsOf} says, or a refusal.
 * Bodies beyond their limit are refused, by what they say of their length or by counting; encoded ones always are, since nothing
 * here would unpack them.
 */
export async function passOn(deps: Deps, call: GatewayCall, worker: WorkerBinding): Promise<Response> {
  const { request, path, requestId, bodyText } = call;
  const bytesMax = bodyBytesMaxOf(path);
  const { headers } = request;
  const length = headers.get("content-length");
  let counted: CountedBody | null = null;
  if (length === null ? request.body !== null : length !== "0") {
    const encoding = headers.get("content-encoding");
    if (encoding !== null && encoding.trim().toLowerCase() !== "identity") {
      return problem({ code: "request.unsupported_media_type", detail: "Send the body without encoding." }, call);
    }
    if (length !== null && Number(length) > bytesMax) return tooLarge(call, bytesMax);
    if (length === null && request.body !== null && bodyText === null) counted = countBody(request.body, bytesMax);
  }
  const isTooLarge = () => counted?.isTooLarge() === true;
  const body = bodyText ?? counted?.stream ?? null;
  const forwarded = body === null ? new Request(request) : new Request(request, { body });
  if (stripInternal(forwarded.headers)) {
    const credentials = credentialsOf(request, path, headers.get("cookie") ?? "", deps.allowedOrigins);
    if (!credentials.ok) return problem(credentials.error, call);
    replaceCookies(forwarded.headers, credentials.value);
  }
  forwarded.headers.set("x-request-id", requestId);
  if (worker === "USERS") sayPlace(forwarded);
  try {
    const response = await deps.workers[worker].fetch(forwarded);
    if (isTooLarge()) return tooLarge(call, bytesMax);
    if (isNoAnswer(response)) throw new Error(`answered ${response.status} without a problem document`);
    const eventId = worker === "BOOKINGS" ? reservedEvent(request.method, path) : null;
    return eventId === null ? response : await noteSoldOut(deps, eventId, request, response);
  } catch (thrown) {
    if (isTooLarge()) return tooLarge(call, bytesMax);
    deps.log.error("worker unavailable", {
      ...describeError(thrown),
      worker,
      requestId,
      method: request.method,
      route: path,
    });
    return problem(
      { code: "platform.unavailable", detail: "This part of the platform does not answer right now." },
      call,
    );
  }
}

function replaceCookies(headers: Headers, { authorization, cookie }: Credentials): void {
  if (cookie === null) headers.delete("cookie");
  else headers.set("cookie", cookie);
  if (authorization !== null) headers.set("authorization", authorization);
}

/** Users shows people where they are signed in; no other worker need know. */
function sayPlace({ headers, cf }: Request): void {
  const place = placeOf(cf);
  if (place !== null) headers.set(placeHeader, place);
}

const serverFaultStatus = 500;

/** A fault that a worker reports itself is a problem document; any other comes from what should have run the worker. */
function isNoAnswer(response: Response): boolean {
  return response.status >= serverFaultStatus && response.headers.get("content-type")?.includes("json") !== true;
}

function tooLarge(call: GatewayCall, bytesMax: number): Response {
  return problem({ code: "request.too_large", detail: `At most ${bytesMax} bytes are taken here.` }, call);
}
