import type { Actor } from "@foyer/contracts/shared/actor";
import { commonErrors } from "@foyer/contracts/shared/errors";
import type { Clock } from "@foyer/kernel/clock";
import { sha256Hex } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import type { MiddlewareHandler } from "hono";
import type { AppEnv } from "./app.ts";
import { problemResponse } from "./problem.ts";

/** What is kept of a request that carried an `Idempotency-Key`. */
export interface IdempotencyRecord {
  readonly fingerprint: string;
  readonly state: "running" | "done";
  readonly status: number;
  readonly body: string;
  readonly createdAtMs: number;
}

/** Port of the store of keys; a worker keeps them beside the data that they guard. */
export interface IdempotencyStore {
  /** Claims the key for a running request, or returns what is there already. One atomic step. */
  claim(key: string, fingerprint: string, nowMs: number, staleBeforeMs: number): Promise<IdempotencyRecord | null>;
  finish(key: string, status: number, body: string): Promise<void>;
  /** Gives the key free after an answer that is not kept (401, 409, 429, 5xx). */
  abandon(key: string): Promise<void>;
}

const keyShape = new RegExp(`^[\\x21-\\x7e]{1,${limits.idempotencyKeyCharsMax}}$`);
/** Answers that another try may better. */
const unkept: ReadonlySet<number> = new Set([401, 409, 429]);
/** A running request older than this has died with its isolate; its key may be claimed again. */
const runningMaxMs = 60_000;

/** The party that a key belongs to: keys of two callers never meet. */
export function principalOf(actor: Actor, secret: string | undefined): string {
  switch (actor.kind) {
    case "user":
      return actor.userId;
    case "api_key":
      return actor.keyId;
    case "system":
      return actor.name;
    case "anonymous":
      return `anonymous:${secret ?? ""}`;
  }
}

/** A key as it is stored: who, what for, and the key itself, hashed to one length. */
export function idempotencyKeyOf(principal: string, method: string, path: string, key: string): Promise<string> {
  return sha256Hex(`${principal}\n${method} ${path}\n${key}`);
}

const nobody = principalOf({ kind: "anonymous" }, undefined);

/** What is said of a key that is none. */
export const idempotencyKeyRule = `Use 1 to ${limits.idempotencyKeyCharsMax} visible ASCII characters; without an account or a secret at least ${limits.sharedIdempotencyKeyCharsMin}, such as a UUID.`;

/**
 * Whether a header value can be an idempotency key: 1-255 visible ASCII characters. Callers without an account or a secret are one
 * principal, and an answer may hold a secret: with `principal` given, their keys must be long enough that no two are the same.
 */
export function isIdempotencyKey(key: string, principal?: string): boolean {
  return keyShape.test(key) && (principal !== nobody || key.length >= limits.sharedIdempotencyKeyCharsMin);
}

/**
 * Honours `Idempotency-Key` on routes that store in D1: the same key and body replay the first answer, another body is
 * `idempotency.mismatch`, a request still running is `idempotency.in_flight`. Answers 409, 429 and 5xx are not kept,
 * nor is 401: whoever proves who they are once more is to be served under the same key.
 */
export function idempotent<D>(
  use: (deps: D) => { readonly store: IdempotencyStore; readonly clock: Clock },
): MiddlewareHandler<AppEnv<D>> {
  return async (c, next) => {
    const header = c.req.header("idempotency-key");
    if (header === undefined) return next();
    const requestId = c.get("requestId");
    if (!isIdempotencyKey(header)) {
      return problemResponse(
        { code: "idempotency.invalid_key", detail: "Use 1 to 255 visible ASCII characters." },
        commonErrors,
        requestId,
      );
    }
    const { store, clock } = use(c.get("deps"));
    const key = await idempotencyKeyOf(
      principalOf(c.get("actor"), c.req.header("x-order-secret")),
      c.req.method,
      c.req.path,
      header,
    );
    const fingerprint = await sha256Hex(await c.req.text());
    const nowMs = clock.nowMs();
    const known = await store.claim(key, fingerprint, nowMs, nowMs - runningMaxMs);
    if (known !== null) {
      if (known.fingerprint !== fingerprint) {
        return problemResponse(
          { code: "idempotency.mismatch", detail: "This key was used with another body." },
          commonErrors,
          requestId,
        );
      }
      if (known.state === "running") {
        return problemResponse(
          {
            code: "idempotency.in_flight",
            detail: "The first request with this key is still running.",
            retryAfterSeconds: 1,
          },
          commonErrors,
          requestId,
        );
      }
      return new Response(known.status === 204 ? null : known.body, {
        status: known.status,
        headers: {
          "content-type": known.status >= 400 ? "application/problem+json" : "application/json",
          "idempotent-replayed": "true",
          "cache-control": "no-store",
        },
      });
    }
    try {
      await next();
    } catch (thrown) {
      await store.abandon(key);
      throw thrown;
    }
    const { status } = c.res;
    if (c.error !== undefined || unkept.has(status) || status >= 500) await store.abandon(key);
    else await store.finish(key, status, await c.res.clone().text());
    return;
  };
}
