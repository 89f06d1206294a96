import { DurableObject } from "cloudflare:workers";
import { assert } from "@foyer/kernel/assert";
import { type Clock, secondMs, systemClock } from "@foyer/kernel/clock";
import { fail } from "@foyer/kernel/result";
import type { Queues } from "@foyer/messaging/queues";
import { createLogger, describeError } from "@foyer/telemetry/logger";
import { createMetrics, type Metrics } from "@foyer/telemetry/metrics";
import { holdSecondsOf } from "../domain/reservation-rules.ts";
import type { Env } from "../env.ts";
import { queuesOf } from "../queues.ts";
import { isKept } from "./answers.ts";
import type { OfficeAnswer, OfficeCall } from "./calls.ts";
import { Coalescer } from "./coalescer.ts";
import { isAnythingDue, sweep } from "./expiry.ts";
import { Office } from "./office.ts";
import { type ReserveInput, refusalOf } from "./operations/reservations.ts";
import { type OperationName, operations } from "./operations.ts";
import { goRound } from "./order-rounds.ts";

/** Pause before the alarm tries again after it failed. */
const alarmRetryMs = 5 * secondMs;

/**
 * The sale of one event. Calls that arrive together are decided together in one transaction; an alarm ends what has
 * expired, sends what was promised, and forgets what is old. This object's clock alone decides what time it is.
 */
export class BoxOffice extends DurableObject<Env> {
  /** Replaced by tests that move time. */
  clock: Clock = systemClock;
  /** Replaced by tests whose queues fail. */
  queues: Queues;
  readonly #office: Office;
  /** Answers are texts from the start: the one that is kept for a key is the one that is sent. */
  readonly #coalescer: Coalescer<OfficeCall, string>;
  readonly #log = createLogger("bookings");
  readonly #metrics: Metrics;
  #alarmAtMs: number | null = null;

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.queues = queuesOf(env);
    this.#metrics = createMetrics(env.METRICS);
    this.#office = new Office(ctx.storage.sql, this.#log, holdSecondsOf(env.RESERVATION_TTL_SECONDS) * secondMs);
    this.#coalescer = new Coalescer((calls) => this.#decide(calls));
    ctx.storage.transactionSync(() => this.#office.load());
  }

  /** Runs one operation. Takes an {@link OfficeCall} and answers an {@link OfficeAnswer}, both as JSON. */
  async run(call: string): Promise<string> {
    // Made by this worker's own client in the same deployment, which is typed by the operations.
    const parsed = JSON.parse(call) as OfficeCall;
    assert(Object.hasOwn(operations, parsed.operation), `no operation ${parsed.operation}`);
    return this.#coalescer.submit(parsed);
  }

  override async alarm(): Promise<void> {
    this.#alarmAtMs = null;
    try {
      this.#transact(() => {
        sweep(this.#office);
        this.#office.answers.purge(this.#office.nowMs);
      });
      this.#goRound();
      await this.#office.outbox.drain(this.queues, this.clock.nowMs(), this.#log);
    } catch (thrown) {
      // Thrown out of here it would be tried six times and never again; work that is still due must not be forgotten.
      this.#log.error("alarm failed", describeError(thrown));
      this.#wakeAt(this.clock.nowMs() + alarmRetryMs);
      return;
    }
    this.#wakeAt(this.#office.nextWakeMs());
  }

  /** Takes a round one batch further, in a transaction of its own: what fails in it waits, and holds up neither expiries nor messages. */
  #goRound(): void {
    const dueAtMs = this.#office.rounds.nextDueMs();
    if (dueAtMs === null || dueAtMs > this.clock.nowMs()) return;
    try {
      this.#transact(() => goRound(this.#office));
    } catch {
      // What was thrown is in the log already.
      this.#metrics.count("round.failed", { worker: "bookings" });
      this.#office.rounds.putOff(this.clock.nowMs() + alarmRetryMs);
    }
  }

  /** Decides calls in one synchronous stretch: without a transaction where all are refused, else in one. */
  #decide(calls: readonly OfficeCall[]): string[] {
    return this.#refuseAll(calls) ?? this.#decideTogether(calls);
  }

  /**
   * Answers to a batch of reservations that are all refused and leave nothing behind, as after the last ticket; null where
   * any call might change something or repeat another. Even a transaction that writes nothing costs, and rejections are the load of a rush.
   */
  #refuseAll(calls: readonly OfficeCall[]): string[] | null {
    const office = this.#office;
    office.nowMs = this.clock.nowMs();
    if (office.preparedSale === null || isAnythingDue(office)) return null;
    const answers: string[] = [];
    for (const { operation, input, idempotency } of calls) {
      if (operation !== "reserve" || (idempotency !== null && !office.answers.isNew(idempotency.key))) return null;
      const refusal = refusalOf(office, input as ReserveInput); // of this operation, from this worker's own client
      if (refusal === null || isKept(refusal)) return null;
      answers.push(answerText(JSON.stringify(refusal), false));
    }
    return answers;
  }

  /** Decides calls in one transaction; after a throw nothing of them is left, in SQL or in memory. */
  #decideTogether(calls: readonly OfficeCall[]): string[] {
    const answers = this.#transact(() => {
      const office = this.#office;
      sweep(office);
      if (office.preparedSale !== null) {
        office.answers.prefetch(
          calls.flatMap(({ idempotency }) => idempotency?.key ?? []),
          office.nowMs,
        );
      }
      return calls.map((call) => this.#answer(call));
    });
    this.#wakeAt(this.#office.nextWakeMs());
    return answers;
  }

  #transact<T>(work: () => T): T {
    const office = this.#office;
    office.nowMs = this.clock.nowMs();
    try {
      return this.ctx.storage.transactionSync(() => {
        const done = work();
        office.flush();
        return done;
      });
    } catch (thrown) {
      this.#log.error("transaction rolled back", describeError(thrown));
      office.load();
      throw thrown;
    }
  }

  #answer(call: OfficeCall): string {
    const office = this.#office;
    const claim = office.preparedSale === null ? null : call.idempotency;
    office.requestId = call.requestId;
    if (claim !== null) {
      const known = office.answers.find(claim.key);
      if (known !== null && known.fingerprint !== claim.fingerprint) {
        return answerText(JSON.stringify(fail("idempotency.mismatch", "This key was used with another body.")), false);
      }
      if (known !== null) return answerText(known.answer, true);
    }
    const operation = operations[call.operation as OperationName] as (
      office: Office,
      input: unknown,
    ) => OfficeAnswer["result"];
    const result = operation(office, call.input);
    const text = JSON.stringify(result);
    if (claim !== null && isKept(result)) office.answers.keep(claim, text, office.nowMs);
    return answerText(text, false);
  }

  /** Sets the alarm where it is not set for that moment or an earlier one already; setting it costs a write. */
  #wakeAt(momentMs: number | null): void {
    if (momentMs === null || (this.#alarmAtMs !== null && this.#alarmAtMs <= momentMs)) return;
    this.#alarmAtMs = Math.max(momentMs, this.#office.nowMs);
    // Not awaited: the write joins the transaction of this turn, and the answer waits for both.
    void this.ctx.storage.setAlarm(this.#alarmAtMs);
  }
}

/** An {@link OfficeAnswer} as JSON, around a result that is JSON already. */
function answerText(result: string, replayed: boolean): string {
  return `{"result":${result},"replayed":${replayed}}`;
}
