import type { Actor } from "@foyer/contracts/shared/actor";
import { commonErrors, type ErrorCatalog } from "@foyer/contracts/shared/errors";
import type { Failure, FieldFault, Result } from "@foyer/kernel/result";
import { describeError, type Logger } from "@foyer/telemetry/logger";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type * as z from "zod";
import { isPassingFault } from "./faults.ts";
import { internalErrorResponse, problemResponse } from "./problem.ts";
import { requestIdFrom } from "./request-id.ts";

/** Hono environment of every domain worker: its dependencies and what is known of the call. */
export interface AppEnv<D> {
  Bindings: object;
  Variables: {
    deps: D;
    requestId: string;
    /** Anonymous until the authentication middleware has read a credential. */
    actor: Actor;
    log: Logger;
  };
}

/** Context of a handler in a worker with dependencies `D`. */
export type AppContext<D> = Context<AppEnv<D>>;

export interface AppOptions<D> {
  /** The domain's error codes. */
  readonly errors: ErrorCatalog;
  /** Dependencies for a request, from its bindings; kept by the caller for the life of the isolate. */
  readonly provide: (bindings: object) => D;
  readonly logger: Logger;
  /** Runs after the response of every request that has written; drains the outbox. A refusal has written nothing that is told. */
  readonly afterWrite?: (deps: D) => Promise<void>;
  /** Paths whose bodies are not JSON, such as uploads and webhooks. */
  readonly rawBodies?: readonly RegExp[];
}

const writingMethods = new Set(["POST", "PUT", "PATCH", "DELETE"]);

/**
 * The Hono app that every domain worker starts from: request id, problem documents for everything that fails,
 * validation answers with paths, JSON only where JSON is due, and the outbox drained behind each write.
 */
export function createApp<D>(options: AppOptions<D>): OpenAPIHono<AppEnv<D>> {
  const app = new OpenAPIHono<AppEnv<D>>({ defaultHook: answerInvalid });

  app.use("*", async (c, next) => {
    const requestId = requestIdFrom(c.req.header("x-request-id"));
    c.set("requestId", requestId);
    c.set("actor", { kind: "anonymous" });
    c.set("log", options.logger.with({ requestId }));
    c.set("deps", options.provide(c.env));
    const writes = writingMethods.has(c.req.method);
    if (writes && !isJsonOrRaw(c, options.rawBodies ?? [])) {
      return answer(c, { code: "request.unsupported_media_type", detail: "Send the body as application/json." });
    }
    await next();
    c.res.headers.set("x-request-id", requestId);
    if (writes && c.res.ok && options.afterWrite !== undefined)
      c.executionCtx.waitUntil(options.afterWrite(c.get("deps")));
    return;
  });

  app.notFound((c) => answer(c, { code: "request.not_found", detail: "No such path." }));

  app.onError((thrown, c) => {
    if (thrown instanceof HTTPException && thrown.status === 400) {
      return answer(c, { code: "request.malformed_json", detail: "The body is not well-formed JSON." });
    }
    if (thrown instanceof HTTPException && thrown.status === 415) {
      return answer(c, { code: "request.unsupported_media_type", detail: "Not a type of body that is taken here." });
    }
    c.get("log")?.error("unhandled", { ...describeError(thrown), method: c.req.method, route: c.req.path });
    if (isPassingFault(thrown)) {
      return answer(c, { code: "platform.unavailable", detail: "The platform is busy; try again shortly." });
    }
    return internalErrorResponse(c.get("requestId") ?? "unknown");
  });

  function answer(c: AppContext<D>, failure: Failure): Response {
    const response = problemResponse(failure, options.errors, c.get("requestId"));
    response.headers.set("x-request-id", c.get("requestId"));
    return response;
  }

  return app;
}

const jsonType = /^application\/(?:[\w.+-]+\+)?json(?:\s*;|$)/i;

function isJsonOrRaw<D>(c: AppContext<D>, rawBodies: readonly RegExp[]): boolean {
  const type = c.req.header("content-type");
  // First, because nearly all bodies are JSON, and to look for a body makes a stream of it.
  if (type === "application/json" || (type !== undefined && jsonType.test(type))) return true;
  const length = c.req.header("content-length");
  // An empty body may come as a stream of nothing, once the request has passed another worker.
  if (c.req.raw.body === null || length === "0" || (type === undefined && length === undefined)) return true;
  return rawBodies.some((path) => path.test(c.req.path));
}

/**
 * A use-case's result as a response: the value through `shape`, a failure as a problem. The return type is `never`-wide on
 * purpose: hono's typed responses describe success, and problems are declared once for all routes.
 */
export function respond<D, T, S extends ContentfulStatusCode, B>(
  c: AppContext<D>,
  errors: ErrorCatalog,
  result: Result<T>,
  status: S,
  shape: (value: T) => B,
) {
  if (!result.ok) return problem(c, errors, result.error);
  return c.json(shape(result.value) as B & object, status);
}

/** A failure as the response of a typed route. */
export function problem<D>(c: AppContext<D>, errors: ErrorCatalog, failure: Failure): never {
  // The routes' declared responses are successes; a problem document is a valid answer to every route.
  return problemResponse(failure, errors, c.get("requestId")) as never;
}

function answerInvalid<D>(
  result: { readonly target: string } & (
    | { readonly success: true }
    | { readonly success: false; readonly error: z.ZodError }
  ),
  c: AppContext<D>,
): Response | undefined {
  if (result.success) return undefined;
  const requestId = c.get("requestId");
  if (result.target === "param") {
    // A path id that cannot exist is absent, like any other id that does not.
    return problemResponse({ code: "request.not_found", detail: "No such resource." }, commonErrors, requestId);
  }
  const prefix = result.target === "json" || result.target === "form" ? "" : `${result.target}.`;
  const errors: FieldFault[] = result.error.issues.slice(0, 50).flatMap((issue) => {
    const path = issue.path.map(String).join(".");
    if (issue.code === "unrecognized_keys") {
      return issue.keys.map((key) => ({
        path: `${prefix}${path === "" ? "" : `${path}.`}${key}`.slice(0, 200),
        code: "unrecognized_key",
        message: "Unknown field",
      }));
    }
    return [{ path: `${prefix}${path}` || "body", code: issue.code, message: issue.message }];
  });
  return problemResponse(
    { code: "request.invalid", detail: "Some fields are not valid; see errors.", errors },
    commonErrors,
    requestId,
  );
}
