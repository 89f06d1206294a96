import type { EventId } from "@foyer/kernel/ids";
import { fail, type Result } from "@foyer/kernel/result";
import type { IdempotencyClaim } from "../durable-objects/answers.ts";
import type { OfficeAnswer, OfficeCall } from "../durable-objects/calls.ts";
import type { OperationInput, OperationName, OperationValue } from "../durable-objects/operations.ts";

/** An operation's result, and whether it is an earlier one given again for an idempotency key. */
export interface Answered<T> {
  readonly result: Result<T>;
  readonly replayed: boolean;
}

/** Every event's box office, as the worker reaches it. */
export interface BoxOffices {
  /** Runs one operation at an event's box office. `platform.unavailable` where the object cannot answer now. */
  run<N extends OperationName>(
    eventId: EventId,
    operation: N,
    input: OperationInput<N>,
    call: { readonly requestId: string; readonly idempotency?: IdempotencyClaim | null },
  ): Promise<Answered<OperationValue<N>>>;
}

interface BoxOfficeNamespace {
  idFromName(name: string): DurableObjectId;
  get(id: DurableObjectId): { run(call: string): Promise<string> };
}

const rememberedMax = 1_000;

/** Reaches the objects through their namespace. Texts cross instead of values: one string is the cheapest thing to clone. */
export function createBoxOffices(namespace: BoxOfficeNamespace): BoxOffices {
  const ids = new Map<EventId, DurableObjectId>();

  // An id is a digest of the name; for an event on sale it is the same thousands of times a second.
  function idOf(eventId: EventId): DurableObjectId {
    let id = ids.get(eventId);
    if (id === undefined) {
      id = namespace.idFromName(eventId);
      if (ids.size >= rememberedMax) ids.clear();
      ids.set(eventId, id);
    }
    return id;
  }

  return {
    async run(eventId, operation, input, call) {
      const sent: OfficeCall = {
        operation,
        input,
        requestId: call.requestId,
        idempotency: call.idempotency ?? null,
      };
      try {
        const answer = await namespace.get(idOf(eventId)).run(JSON.stringify(sent));
        // The other end is this worker's own code, which answers with this operation's result.
        return JSON.parse(answer) as OfficeAnswer & Answered<never>;
      } catch (thrown) {
        if (!isTransient(thrown)) throw thrown;
        const failure = fail("platform.unavailable", "The box office is busy; try again.", { retryAfterSeconds: 1 });
        return { result: failure, replayed: false };
      }
    },
  };
}

/**
 * Whether the platform marks a throw as its own and passing. Nothing is repeated from here: an overloaded object must not get more
 * work, and whether the call had its effect is for the caller's idempotency key to settle.
 */
function isTransient(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  return ("overloaded" in thrown && thrown.overloaded === true) || ("retryable" in thrown && thrown.retryable === true);
}
