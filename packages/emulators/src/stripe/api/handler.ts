import { setTimeout as sleep } from "node:timers/promises";
import { emulatorLimits } from "../../limits.ts";
import {
  jsonAnswer,
  type LocalAnswer,
  type LocalReply,
  type LocalRequest,
  type Silence,
} from "../../server/local-server.ts";
import type { RouteMatch, Router } from "../../server/router.ts";
import { newStripeId, type Store } from "../account.ts";
import { apiVersion } from "../api-version.ts";
import type { FaultPlan } from "../control/faults.ts";
import { StripeApiError, unrecognizedUrl } from "./errors.ts";
import { expand } from "./expand.ts";
import { canonicalForm, decodeFields, decodeForm } from "./form.ts";
import type { IdempotencyKeys } from "./idempotency.ts";
import { Params } from "./params.ts";
import type { ApiRoute } from "./router.ts";

export interface ApiParts {
  readonly store: Store;
  readonly router: Router<ApiRoute>;
  readonly faults: FaultPlan;
  readonly keys: IdempotencyKeys;
  /** Ends waiting calls when the server stops. */
  readonly stopped: AbortSignal;
}

/** How long a "slow" call takes where the fault does not say. */
const slowMsDefault = 250;

const unknownError = { type: "api_error", message: "An unknown error occurred." } as const;

/** The same route, failing after it began. */
function failingRoute(route: ApiRoute): ApiRoute {
  return {
    ...route,
    handle: () => {
      throw new StripeApiError(500, unknownError, true);
    },
  };
}

interface Outcome {
  readonly answer: LocalAnswer;
  /** Whether the answer is kept under the call's idempotency key. */
  readonly kept: boolean;
}

/** Answers calls to `/v1`: key, route, ordered faults, idempotency, the call itself, expansion. */
export function createApi(parts: ApiParts): (request: LocalRequest) => Promise<LocalReply> {
  return async (request) => {
    const requestId = newStripeId("req");
    const idempotencyKey = request.method === "POST" ? header(request, "idempotency-key") : null;
    const headers = {
      "request-id": requestId,
      "stripe-version": header(request, "stripe-version") ?? apiVersion,
      ...(idempotencyKey === null ? {} : { "idempotency-key": idempotencyKey }),
    };
    const reply = await answerCall(parts, request, { requestId, idempotencyKey });
    return "silence" in reply ? reply : { ...reply, headers: { ...headers, ...reply.headers } };
  };
}

interface CallMeta {
  readonly requestId: string;
  readonly idempotencyKey: string | null;
}

async function answerCall(parts: ApiParts, request: LocalRequest, meta: CallMeta): Promise<LocalReply> {
  try {
    authenticate(request);
    const match = parts.router.find(request.method, request.path);
    if (match === null) throw unrecognizedUrl(request.method, request.path);
    const fault = parts.faults.takeApi(match.name);
    const silence: Silence = { silence: true, forMs: fault?.delayMs ?? emulatorLimits.silenceMsMax };
    switch (fault?.effect) {
      case "timeout":
        return silence;
      case "500":
        throw new StripeApiError(500, unknownError);
      case "500_kept":
        return await once(parts, request, meta, { ...match, route: failingRoute(match.route) }, 0);
      case "429":
        throw new StripeApiError(429, {
          type: "invalid_request_error",
          code: "rate_limit",
          message:
            "Request rate limit exceeded. Learn more about rate limits here https://stripe.com/docs/rate-limits.",
        });
      case "slow":
        return await once(parts, request, meta, match, fault.delayMs ?? slowMsDefault);
      case "timeout_after_success":
        await once(parts, request, meta, match, 0);
        return silence;
      case undefined:
        return await once(parts, request, meta, match, 0);
    }
  } catch (error) {
    if (error instanceof StripeApiError) return errorAnswer(error);
    throw error;
  }
}

/** Runs a call under its idempotency key, or repeats what was answered under it. */
async function once(
  parts: ApiParts,
  request: LocalRequest,
  meta: CallMeta,
  match: RouteMatch<ApiRoute>,
  delayMs: number,
): Promise<LocalAnswer> {
  const form = request.method === "POST" ? decodeForm(request.body) : decodeFields(request.query);
  const { keys } = parts;
  const key = meta.idempotencyKey;
  if (key !== null) {
    const replayed = keys.claim(key, request.path, canonicalForm(form));
    if (replayed !== null) {
      return {
        status: replayed.status,
        headers: {
          "content-type": "application/json",
          "idempotent-replayed": "true",
          "original-request": replayed.requestId,
        },
        body: replayed.body,
      };
    }
  }
  // Stopping ends the wait early; the connection is being cut anyway.
  if (delayMs > 0) await sleep(delayMs, undefined, { signal: parts.stopped }).catch(() => undefined);
  let outcome: Outcome | null = null;
  try {
    outcome = run(parts, meta, match, new Params(form));
    return outcome.answer;
  } finally {
    const kept = outcome?.kept === true ? outcome.answer : null;
    if (key !== null && kept === null) keys.release(key);
    else if (key !== null && kept !== null) {
      keys.keep(key, { status: kept.status, body: kept.body, requestId: meta.requestId });
    }
  }
}

function run(parts: ApiParts, meta: CallMeta, match: RouteMatch<ApiRoute>, params: Params): Outcome {
  let done = false;
  try {
    const expansions = params.texts("expand");
    const object = match.route.handle({ params, ids: match.ids, cause: meta });
    done = true;
    return { answer: jsonAnswer(200, expand(parts.store, object, expansions)), kept: true };
  } catch (error) {
    // What was done is done, even where its answer then cannot be expanded as asked.
    if (error instanceof StripeApiError) return { answer: errorAnswer(error), kept: done || error.begun };
    throw error;
  }
}

/** Takes test keys only: a live key that strays here is refused, and not repeated in the answer. */
function authenticate(request: LocalRequest): void {
  const key = apiKeyOf(request);
  if (key === "") {
    throw new StripeApiError(401, {
      type: "invalid_request_error",
      message:
        "You did not provide an API key. You need to provide your API key in the Authorization header, using Bearer " +
        "auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY'). See https://stripe.com/docs/api#authentication for details.",
    });
  }
  if (!/^[rs]k_test_\w+$/.test(key)) {
    throw new StripeApiError(401, {
      type: "invalid_request_error",
      message: `Invalid API Key provided: ${key.slice(0, 8)}****`,
    });
  }
}

function apiKeyOf(request: LocalRequest): string {
  const [scheme = "", credentials = ""] = (header(request, "authorization") ?? "").split(" ");
  if (scheme.toLowerCase() === "bearer") return credentials;
  if (scheme.toLowerCase() !== "basic") return "";
  return Buffer.from(credentials, "base64").toString("utf8").split(":")[0] ?? "";
}

function errorAnswer(error: StripeApiError): LocalAnswer {
  return jsonAnswer(error.status, { error: error.body });
}

function header(request: LocalRequest, name: string): string | null {
  const value = request.headers[name];
  return typeof value === "string" && value !== "" ? value : null;
}
