import type { AppContext, AppEnv } from "@foyer/http/app";
import { decodeCursor } from "@foyer/http/cursor";
import { isNotModified } from "@foyer/http/etag";
import { limits } from "@foyer/kernel/limits";
import { networkOf } from "@foyer/kernel/networks";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type * as z from "zod";
import type { Deps } from "../deps.ts";
import { type Client, deviceOf } from "../domain/client.ts";
import type { UsersCall } from "../service/call.ts";

export type UsersApp = OpenAPIHono<AppEnv<Deps>>;
export type UsersContext = AppContext<Deps>;

/** What the gateway says of where its caller is: city and country, escaped as in a URL. */
const placeHeader = "foyer-place";

/** Who calls, and from where, for use-cases. */
export function callOf(c: UsersContext): UsersCall {
  return { actor: c.get("actor"), requestId: c.get("requestId"), client: clientOf(c) };
}

function clientOf(c: UsersContext): Client {
  const address = c.req.header("cf-connecting-ip");
  const userAgent = (c.req.header("user-agent") ?? "").slice(0, limits.userAgentCharsMax);
  return {
    network: address === undefined ? null : networkOf(address),
    userAgent,
    device: deviceOf(userAgent),
    place: readPlace(c.req.header(placeHeader)),
  };
}

function readPlace(header: string | undefined): string | null {
  if (header === undefined || header === "") return null;
  try {
    return decodeURIComponent(header).slice(0, limits.placeCharsMax);
  } catch {
    return null; // an escape that is none
  }
}

/** Headers of one person's own data. */
export function personal(c: UsersContext, etag?: string): void {
  c.header("cache-control", "no-store");
  if (etag !== undefined) c.header("etag", etag);
}

/** The 304 answer where the caller has this version already, else null. */
export function notModified(c: UsersContext, etag: string): Response | null {
  if (!isNotModified(c.req.header("if-none-match"), etag)) return null;
  return new Response(null, { status: 304, headers: { etag, "cache-control": "no-store" } });
}

/** Where a page begins: behind the id in the cursor, or at the very start. */
export function decodeAfter(cursor: string | undefined, schema: z.ZodType<string>) {
  return cursor === undefined ? { ok: true as const, value: "" } : decodeCursor(cursor, schema);
}
