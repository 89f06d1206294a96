import { createHash } from "node:crypto";
import { eventAccessHeader } from "@foyer/auth/event-access";
import { bookingsErrors } from "@foyer/contracts/bookings/errors";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { type AppContext, type AppEnv, problem } from "@foyer/http/app";
import { decodeCursor } from "@foyer/http/cursor";
import { idempotencyKeyRule, isIdempotencyKey, principalOf } from "@foyer/http/idempotency";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { OpenAPIHono } from "@hono/zod-openapi";
import * as z from "zod";
import type { Answered } from "../clients/box-offices.ts";
import type { Deps } from "../deps.ts";
import type { IdempotencyClaim } from "../durable-objects/answers.ts";

export type BookingsApp = OpenAPIHono<AppEnv<Deps>>;
export type BookingsContext = AppContext<Deps>;

/** Who calls, for use-cases. */
export function callOf(c: BookingsContext): CallContext {
  return { actor: c.get("actor"), requestId: c.get("requestId") };
}

/** As {@link callOf}, with the caller's idempotency key, which the event's object honours in the transaction of the change. */
export async function writingCallOf(
  c: BookingsContext,
  secret?: string,
): Promise<Result<CallContext & { readonly idempotency: IdempotencyClaim | null }>> {
  const call = callOf(c);
  const key = c.req.header("idempotency-key");
  if (key === undefined) return ok({ ...call, idempotency: null });
  const principal = principalOf(call.actor, secret);
  if (!isIdempotencyKey(key, principal)) return fail("idempotency.invalid_key", idempotencyKeyRule);
  const route = `${c.req.method} ${c.req.path}`;
  return ok({ ...call, idempotency: claimOf(principal, route, key, await c.req.text()) });
}

/** An idempotency key as the event's object keeps it: of one party, for one route, with the body that it was sent with. */
export function claimOf(principal: string, route: string, key: string, body: string): IdempotencyClaim {
  return { key: digest(`${principal}\n${route}\n${key}`).slice(0, keyChars), fingerprint: fingerprintOf(body) };
}

/** A body as it is compared: a short one is its own fingerprint, which is cheaper than any hash of it. */
function fingerprintOf(body: string): string {
  return body.length <= fingerprintCharsMax ? `=${body}` : digest(body);
}

// Synchronous, because a hold is hot and WebCrypto's digest costs a turn of the event loop.
function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url");
}

/** A failure as a problem document. */
export function refuse(c: BookingsContext, failure: Extract<Result<unknown>, { ok: false }>): never {
  return problem(c, bookingsErrors, failure.error);
}

/** Marks an answer that was given before for the same idempotency key. */
export function markReplay(c: BookingsContext, answered: Answered<unknown>): void {
  if (answered.replayed) c.header("idempotent-replayed", "true");
}

/** The grant to a gated event that the caller shows, unverified; null where there is none. */
export function grantOf(c: BookingsContext): string | null {
  return c.req.header(eventAccessHeader) ?? null;
}

/** What caches may do with a public view: nothing, where a grant was shown for it. */
export function publicView(c: BookingsContext, cacheControl: string): void {
  c.header("cache-control", grantOf(c) === null ? cacheControl : "private, no-store");
}

/** Headers of one person's own data. */
export function personal(c: BookingsContext, etag?: string): void {
  c.header("cache-control", "no-store");
  if (etag !== undefined) c.header("etag", etag);
}

/** Versions that `If-Match` names, for the object to compare in its transaction; empty where any will do. */
export function ifVersionOf(c: BookingsContext): { readonly ifVersion?: readonly string[] } {
  const header = c.req.header("if-match");
  if (header === undefined || header.trim() === "*") return {};
  return { ifVersion: header.split(",").map((tag) => tag.trim().replace(/^"(.*)"$/, "$1")) };
}

/** 132 bits of a hash are enough for no two keys ever to meet. */
const keyChars = 22;
/** Longer bodies are hashed. A hold of one ticket type stays below. */
const fingerprintCharsMax = 128;

const positionSchema = z.tuple([z.number(), z.string()]);

/** Where a page of orders goes on. */
export function positionOf(cursor: string | undefined): Result<readonly [number, string] | null> {
  return cursor === undefined ? ok(null) : decodeCursor(cursor, positionSchema);
}
