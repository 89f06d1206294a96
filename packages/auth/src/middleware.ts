import type { Actor } from "@foyer/contracts/shared/actor";
import { commonErrors } from "@foyer/contracts/shared/errors";
import type { AppEnv } from "@foyer/http/app";
import { problemResponse } from "@foyer/http/problem";
import type { Clock } from "@foyer/kernel/clock";
import { describeError } from "@foyer/telemetry/logger";
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
 * Reads `Authorization: Bearer` and sets the actor. No header leaves the caller anonymous; a header that does not verify is
 * 401, never treated as anonymous; keys that cannot be had are 503.
 */
export function authenticate<D>(use: (deps: D) => AuthDeps): MiddlewareHandler<AppEnv<D>> {
  return async (c, next) => {
    const header = c.req.header("authorization");
    if (header === undefined) return next();
    const requestId = c.get("requestId");
    const token = /^Bearer ([A-Za-z0-9_.~+/-]{1,4096}=*)$/i.exec(header)?.[1];
    const { keys, tokens, clock } = use(c.get("deps"));
    const nowMs = clock.nowMs();
    let known = token === undefined ? undefined : verified.get(token);
    if (known === undefined && token !== undefined) {
      try {
        known = (await verifyAccessToken(token, { ...tokens, keys, nowMs })) ?? undefined;
      } catch (thrown) {
        c.get("log").error("signing keys unavailable", describeError(thrown));
        return problemResponse(
          { code: "platform.unavailable", detail: "Sign-in cannot be checked right now." },
          commonErrors,
          requestId,
        );
      }
      if (known !== undefined) {
        if (verified.size >= verifiedMax) verified.delete(verified.keys().next().value ?? "");
        verified.set(token, known);
      }
    }
    if (known === undefined || known.expiresAtMs <= nowMs) {
      return problemResponse(
        { code: "auth.invalid_token", detail: "The access token is not valid or has expired." },
        commonErrors,
        requestId,
      );
    }
    c.set("actor", known.actor);
    return next();
  };
}
