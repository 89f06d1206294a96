import { isNotModified } from "@foyer/http/etag";
import { limits } from "@foyer/kernel/limits";
import type { Deps } from "../deps.ts";
import { mayHoldOurs } from "../domain/cookies.ts";
import { allowOrigin } from "../domain/cors.ts";
import {
  type EdgeRead,
  type EdgeTurn,
  edgeReadPatienceMs,
  type KeptAnswer,
  readAtMost,
  shareableMs,
} from "../domain/edge-cache.ts";

/** Keeps work alive after the caller who began it has gone. */
export type Outlive = (work: Promise<unknown>) => void;

/** Credentials, parts and sockets: with one of these a request is its caller's own. */
const personalHeaders = [
  "authorization",
  "range",
  "x-event-access",
  "x-order-secret",
  "x-reservation-secret",
  "upgrade",
];

/** Whether a request asks for what anyone may see. A cookie that is none of ours is no credential, and reaches no worker. */
export function isPublicRead({ method, headers }: Request): boolean {
  if (method !== "GET" && method !== "HEAD") return false;
  for (const name of personalHeaders) if (headers.has(name)) return false;
  const cookie = headers.get("cookie");
  return cookie === null || !mayHoldOurs(cookie);
}

/** A kept answer for this caller; 304 where he has it already. */
export function giveKept(deps: Deps, answer: KeptAnswer, request: Request, requestId: string): Response {
  const known = answer.etag === null ? null : request.headers.get("if-none-match");
  const isKnown = known !== null && answer.etag !== null && isNotModified(known, answer.etag);
  const body = isKnown || request.method === "HEAD" ? null : answer.body;
  const response = new Response(body, { status: isKnown ? 304 : 200, headers: answer.headers });
  response.headers.set("x-request-id", requestId);
  const origin = request.headers.get("origin");
  if (origin !== null) allowOrigin(response.headers, origin, deps.allowedOrigins);
  return response;
}

/**
 * Answers a public read whose answer is not at hand. `produce` asks the worker and returns what every caller may see, without
 * request id. Where the URL is known to be shareable one request reads and the others wait for it; each reads for itself where
 * that does not come or may not be shared.
 */
export async function readPublic(
  deps: Deps,
  turn: Exclude<EdgeTurn, { kind: "give" }> | null,
  request: Request,
  produce: (request: Request) => Promise<Response>,
  outlive: Outlive,
): Promise<KeptAnswer | Response> {
  const { url } = request;
  if (turn === null || request.method === "HEAD") {
    const response = await produce(request);
    if (request.method === "GET" && shareableMs(response.status, response.headers) > 0) deps.edge.note(url);
    return response;
  }
  if (turn.kind === "wait") return (await withPatience(turn.read)) ?? produce(request);
  const nowMs = deps.clock.nowMs();
  const taken = produce(whole(request)).then(take);
  const read = taken.then((answer) => (answer instanceof Response ? null : answer));
  deps.edge.announce(url, read, nowMs);
  outlive(read.catch(() => null));
  return taken;
}

/** The same without its condition, because a 304 is of no use to the others. */
function whole(request: Request): Request {
  if (!request.headers.has("if-none-match")) return request;
  const unconditional = new Request(request);
  unconditional.headers.delete("if-none-match");
  return unconditional;
}

/** An answer to keep, or the response itself where it may not be kept. */
async function take(response: Response): Promise<KeptAnswer | Response> {
  const keptForMs = shareableMs(response.status, response.headers);
  if (keptForMs === 0 || response.body === null) return response;
  const body = await readAtMost(response.body, limits.edgeAnswerBytesMax);
  if (body instanceof ReadableStream) return new Response(body, response);
  const headers = new Headers(response.headers);
  headers.delete("content-length");
  headers.delete("x-request-id");
  return { body, headers, etag: headers.get("etag"), keptForMs };
}

/** Another's read, or null where it failed or does not come. */
async function withPatience(read: EdgeRead): EdgeRead {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), edgeReadPatienceMs);
  });
  try {
    return await Promise.race([read, late]);
  } catch {
    return null; // the reader reports its failure itself
  } finally {
    clearTimeout(timer);
  }
}
