import type { Actor } from "@foyer/contracts/shared/actor";
import { commonErrors } from "@foyer/contracts/shared/errors";
import type { AppEnv } from "@foyer/http/app";
import { problemResponse } from "@foyer/http/problem";
import type { Clock } from "@foyer/kernel/clock";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { describeError, type Logger } from "@foyer/telemetry/logger";
import type { MiddlewareHandler } from "hono";
import { type KeySource, type TokenAudience, verifyAccessToken } from "./access-token.ts";

/** What a worker needs to know who asks. */
export interface AuthDeps {
  readonly keys: KeySource;
  readonly tokens: TokenAudience;
  readonly clock: Clock;
}

interface Verified {
  readonly actor: Actor;
  readonly expiresAtMs: number;
}

const verifiedMax = 5_000;
/** Tokens already verified by this isolate, so that a page that asks ten times is verified once. Oldest out first. */
const verified = new Map<string, Verified>();

/**
 * Who sent this `Authorization` header. None is anonymous; one that does not verify is a failure, never treated as anonymous;
 * keys that cannot be had are `platform.unavailable`, and `log` is told.
 */
export async function actorOf(
  header: string | null | undefined,
  { keys, tokens, clock }: AuthDeps,
  log: Logger,
): Promise<Result<Actor>> {
  if (header === null || header === undefined) return ok({ kind: "anonymous" });
  const token = /^Bearer ([A-Za-z0-9_.~+/-]{1,4096}=*)$/i.exec(header)?.[1];
  const nowMs = clock.nowMs();
  let known = token === undefined ? undefined : verified.get(token);
  if (known === undefined && token !== undefined) {
    try {
      known = (await verifyAccessToken(token, { ...tokens, keys, nowMs })) ?? undefined;
    } catch (thrown) {
      log.error("signing keys unavailable", describeError(thrown));
      return fail("platform.unavailable", "Sign-in cannot be checked right now.");
    }
    if (known !== undefined) {
      if (verified.size >= verifiedMax) verified.delete(verified.keys().next().value ?? "");
      verified.set(token, known);
    }
  }
  if (known === undefined || known.expiresAtMs <= nowMs) {
    return fail("auth.invalid_token", "The access token is not valid or has expired.");
  }
  return ok(known.actor);
}

/** Reads `Authorization: Bearer` and sets the actor, see {@link actorOf}. */
export function authenticate<D>(use: (deps: D) => AuthDeps): MiddlewareHandler<AppEnv<D>> {
  return async (c, next) => {
    const header = c.req.header("authorization");
    if (header === undefined) return next();
    const actor = await actorOf(header, use(c.get("deps")), c.get("log"));
    if (!actor.ok) return problemResponse(actor.error, commonErrors, c.get("requestId"));
    c.set("actor", actor.value);
    return next();
  };
}
