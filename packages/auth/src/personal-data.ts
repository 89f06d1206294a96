import type { CallContext, UserActor } from "@foyer/contracts/shared/actor";
import { commonErrors } from "@foyer/contracts/shared/errors";
import type { AppContext } from "@foyer/http/app";
import { problemResponse } from "@foyer/http/problem";
import { type Clock, toRfc3339 } from "@foyer/kernel/clock";
import type { JsonValue, Result } from "@foyer/kernel/result";
import { requireFresh, requireSelf } from "./guards.ts";

/** Where each worker that keeps data of accounts answers with its own part of it; the gateway asks them all and makes one document. */
export const personalDataPath = "/v1/users/profile/export";

/** One worker's part of what is kept about a person. */
export type PersonalData = Readonly<Record<string, JsonValue>>;

/** Gathers one worker's part about the caller, who has proven themselves. */
export type CollectPersonalData<D> = (
  deps: D,
  call: CallContext & { readonly actor: UserActor },
) => Promise<Result<PersonalData>>;

/**
 * Answers with one worker's part, to the person themselves and nobody in their place, and only shortly after they have proven who they
 * are. Every worker checks that for itself, whoever sent the request on.
 */
export async function answerWithPersonalData<D>(
  c: AppContext<D>,
  part: string,
  clock: Clock,
  collect: CollectPersonalData<D>,
): Promise<Response> {
  const requestId = c.get("requestId");
  const self = requireSelf(c.get("actor"));
  if (!self.ok) return problemResponse(self.error, commonErrors, requestId);
  const nowMs = clock.nowMs();
  const fresh = requireFresh(self.value, nowMs);
  if (!fresh.ok) return problemResponse(fresh.error, commonErrors, requestId);
  const collected = await collect(c.get("deps"), { actor: self.value, requestId });
  if (!collected.ok) return problemResponse(collected.error, commonErrors, requestId);
  const document = { generatedAt: toRfc3339(nowMs), parts: { [part]: collected.value } };
  return new Response(JSON.stringify(document), {
    headers: { "content-type": "application/json", "cache-control": "no-store" },
  });
}
