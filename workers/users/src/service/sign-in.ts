import type { CallContext } from "@foyer/contracts/shared/actor";
import type { SessionBody } from "@foyer/contracts/users/api";
import { secondMs } from "@foyer/kernel/clock";
import { sha256Hex } from "@foyer/kernel/encoding";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../deps.ts";
import { waitSeconds } from "../domain/attempts.ts";
import { networkOf } from "../domain/network.ts";
import { isOutdated, nobodysHash } from "../domain/passwords.ts";
import type { User } from "../domain/user.ts";
import { planSession } from "./plan-session.ts";

export interface SignedIn {
  readonly user: User;
  readonly session: SessionBody;
}

/**
 * Signs in by password. `users.invalid_credentials` for an unknown address and for a wrong password alike, with the same
 * work; `users.too_many_attempts` past the limits per account and per network address, for known and unknown accounts alike,
 * and without checking the password, so that guessing on brings nothing.
 */
export async function signIn(
  deps: Deps,
  call: CallContext,
  input: { readonly email: string; readonly password: string; readonly networkAddress: string | null },
): Promise<Result<SignedIn>> {
  const nowMs = deps.clock.nowMs();
  const accountKey = await sha256Hex(`sign-in account ${input.email}`);
  const addressKey =
    input.networkAddress === null ? null : await sha256Hex(`sign-in address ${networkOf(input.networkAddress)}`);
  const { account, counts } = await deps.signIns.begin(
    input.email,
    addressKey === null ? [accountKey] : [accountKey, addressKey],
    nowMs,
    limits.loginWindowSeconds * secondMs,
  );

  const counters = counts.map((count, index) => ({
    ...count,
    max: index === 0 ? limits.loginFailuresMax : limits.loginFailuresPerAddressMax,
  }));
  const retryAfterSeconds = waitSeconds(counters, nowMs);
  if (retryAfterSeconds !== null) {
    deps.metrics.count("users.sign_in", { outcome: "limited" });
    return fail("users.too_many_attempts", "Too many failed attempts; try again later.", { retryAfterSeconds });
  }

  const storedHash = account?.passwordHash ?? null;
  const matches = deps.passwords.verify(storedHash ?? nobodysHash, input.password);
  const mayEnter = account !== null && (deps.revealsEmailTaken || account.user.emailVerifiedAtMs !== null);
  if (!matches || !mayEnter || storedHash === null) {
    deps.metrics.count("users.sign_in", { outcome: "refused" });
    return fail("users.invalid_credentials", "Address or password is wrong.");
  }

  const { user } = account;
  const session = await planSession(deps, user, nowMs);
  await deps.store.commit([
    ...session.writes,
    deps.signIns.clear(accountKey),
    ...(addressKey === null ? [] : [deps.signIns.uncount(addressKey)]),
    ...(isOutdated(storedHash)
      ? [deps.users.setPasswordHash(user.id, deps.passwords.hash(input.password), nowMs)]
      : []),
    deps.audit.write({
      id: newId("audit", nowMs),
      actor: { kind: "user", id: user.id },
      action: "session.started",
      targetId: session.sessionId,
      organizationId: null,
      requestId: call.requestId,
      atMs: nowMs,
    }),
  ]);
  deps.metrics.count("users.sign_in", { outcome: "admitted" });
  return ok({ user, session: session.body });
}
