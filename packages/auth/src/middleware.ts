import type { Actor } from "@foyer/contracts/shared/actor";
import { commonErrors } from "@foyer/contracts/shared/errors";
import type { AppEnv } from "@foyer/http/app";
import { problemResponse } from "@foyer/http/problem";
import type { Clock } from "@foyer/kernel/clock";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { describeError, type Logger } from "@foyer/telemetry/logger";
import type { MiddlewareHandler } from "hono";
import { type KeySource, type TokenAudience, type VerifiedToken, verifyAccessToken } from "./access-token.ts";
import { apiKeyPrefix, type KeyRing } from "./key-ring.ts";
import type { Revocations } from "./revocations.ts";

/** What a worker needs to know who asks. */
export interface AuthDeps {
  readonly keys: KeySource;
  readonly tokens: TokenAudience;
  readonly clock: Clock;
  readonly revocations: Revocations;
  readonly keyRing: KeyRing;
}

const verifiedMax = 5_000;
/** Tokens already verified by this isolate, so that a page that asks ten times is verified once. Oldest out first. */
const verified = new Map<string, VerifiedToken>();

const invalid = fail("auth.invalid_token", "The access token is not valid or has expired.");

/**
 * Who sent this `Authorization` header. None is anonymous; one that does not verify, or has ended early, is a failure, never treated as
 * anonymous; where users cannot be asked it is `platform.unavailable`, and `log` is told.
 */
export async function actorOf(header: string | null | undefined, deps: AuthDeps, log: Logger): Promise<Result<Actor>> {
  if (header === null || header === undefined) return ok({ kind: "anonymous" });
  const token = /^Bearer ([A-Za-z0-9_.~+/-]{1,4096}=*)$/i.exec(header)?.[1];
  if (token === undefined) return invalid;
  try {
    await deps.revocations.freshen();
    return token.startsWith(apiKeyPrefix) ? await programOf(token, deps) : await personOf(token, deps);
  } catch (thrown) {
    log.error("credentials cannot be checked", describeError(thrown));
    return fail("platform.unavailable", "Sign-in cannot be checked right now.");
  }
}

async function personOf(token: string, { tokens, keys, clock, revocations }: AuthDeps): Promise<Result<Actor>> {
  const nowMs = clock.nowMs();
  let known = verified.get(token);
  if (known === undefined) {
    const checked = await verifyAccessToken(token, { ...tokens, keys, nowMs });
    if (checked === null) return invalid;
    known = checked;
    if (verified.size >= verifiedMax) verified.delete(verified.keys().next().value ?? "");
    verified.set(token, known);
  }
  const { actor, issuedAtMs, expiresAtMs, kid } = known;
  if (expiresAtMs <= nowMs) return invalid;
  const subjects = [actor.sessionId, actor.userId, kid];
  if (actor.impersonatorId !== null) subjects.push(actor.impersonatorId);
  return revocations.covers(subjects, issuedAtMs) ? invalid : ok(actor);
}

async function programOf(key: string, { keyRing, revocations }: AuthDeps): Promise<Result<Actor>> {
  const found = await keyRing(key);
  if (found === null || revocations.covers([found.keyId], found.checkedAtMs)) return invalid;
  const { keyId, organizationId, scopes } = found;
  return ok({ kind: "api_key", keyId, organizationId, scopes: [...scopes] });
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
