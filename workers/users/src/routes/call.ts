import type { CallContext } from "@foyer/contracts/shared/actor";
import type { AppContext, AppEnv } from "@foyer/http/app";
import { isNotModified } from "@foyer/http/etag";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Deps } from "../deps.ts";

export type UsersApp = OpenAPIHono<AppEnv<Deps>>;

/** Who calls, for use-cases. */
export function callOf(c: AppContext<Deps>): CallContext {
  return { actor: c.get("actor"), requestId: c.get("requestId") };
}

/** Headers of one person's own data. */
export function personal(c: AppContext<Deps>, etag?: string): void {
  c.header("cache-control", "no-store");
  if (etag !== undefined) c.header("etag", etag);
}

/** The 304 answer where the caller has this version already, else null. */
export function notModified(c: AppContext<Deps>, etag: string): Response | null {
  if (!isNotModified(c.req.header("if-none-match"), etag)) return null;
  return new Response(null, { status: 304, headers: { etag, "cache-control": "no-store" } });
}
