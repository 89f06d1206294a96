import { secondMs } from "@foyer/kernel/clock";
import { isId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { backoffSeconds } from "@foyer/messaging/queues";
import { describeError } from "@foyer/telemetry/logger";
import type { Deps } from "../deps.ts";
import type { NewEvent, StoredEvent } from "../repository/provider-events.ts";
import { actOnProviderEvent } from "./act-on-provider-event.ts";
import type { ProviderEvent } from "./ports.ts";
import { openReview } from "./review.ts";

/**
 * Takes an event of the provider in: verified on its raw body, then stored once under its own id. `fresh` is the event to act
 * on, null where it is known already. `payments.invalid_signature` for everything that was not signed just now.
 */
export async function receiveProviderEvent(
  deps: Deps,
  input: { readonly body: string; readonly signature: string },
): Promise<Result<{ readonly fresh: StoredEvent | null }>> {
  const nowMs = deps.clock.nowMs();
  const event = await deps.provider.verifyEvent(input.body, input.signature, nowMs);
  if (event === null) {
    deps.metrics.count("webhook.refused");
    return fail("payments.invalid_signature", "The signature does not fit the body, or is too old.");
  }
  const { id, type } = event;
  const added = await deps.providerEvents.add({ id, type, body: input.body, about: aboutOf(event) }, nowMs);
  deps.metrics.count("webhook.received", { repeated: added ? "no" : "yes" });
  return ok({ fresh: added ? { id, type, body: input.body, attempts: 1 } : null });
}

function aboutOf({ paymentId, subject }: ProviderEvent): NewEvent["about"] {
  const own = paymentId !== null && isId("payment", paymentId) ? paymentId : null;
  if (subject.kind === "other") return { paymentId: own, intentId: null };
  return { paymentId: own, intentId: subject.kind === "payment" ? subject.ids.intentId : subject.intentId };
}

/** Acts on a stored event, and keeps whether that worked. What did not is tried again, later each time. */
export async function processProviderEvent(deps: Deps, stored: StoredEvent, requestId: string): Promise<boolean> {
  const event = deps.provider.parseEvent(stored.body);
  let problem: string | null;
  try {
    problem = event === null ? "the event cannot be read" : await act(deps, event, requestId);
  } catch (thrown) {
    deps.log.error("provider event failed", { eventId: stored.id, type: stored.type, ...describeError(thrown) });
    problem = thrown instanceof Error ? thrown.message : "thrown";
  }
  const nowMs = deps.clock.nowMs();
  if (problem === null) {
    await deps.providerEvents.finish(stored.id, nowMs);
    return true;
  }
  const givenUp = stored.attempts >= limits.providerEventAttemptsMax;
  const delaySeconds = backoffSeconds(stored.attempts, limits.retryDelaySecondsMax);
  // A person first: once it is given up, nothing comes back to it.
  if (givenUp) {
    await openReview(
      deps,
      "event_unprocessed",
      { providerReference: stored.id },
      `${stored.type}: ${problem}`.slice(0, 500),
    );
  }
  await deps.providerEvents.postpone(stored.id, problem, givenUp ? null : nowMs + delaySeconds * secondMs);
  deps.log.warn("provider event postponed", {
    eventId: stored.id,
    type: stored.type,
    attempts: stored.attempts,
    problem,
  });
  return false;
}

async function act(deps: Deps, event: ProviderEvent, requestId: string): Promise<string | null> {
  const acted = await actOnProviderEvent(deps, event, requestId);
  return acted.ok ? null : acted.error.code;
}
