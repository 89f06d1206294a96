import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "@foyer/kernel/clock";
import { emulatorLimits } from "../../limits.ts";
import { newStripeId, type StripeEvent } from "../account.ts";
import type { FaultPlan, WebhookEffect } from "../control/faults.ts";
import { signPayload } from "./signature.ts";

/** One try to hand an event over: the receiver's status, or why there was none. */
export interface DeliveryAttempt {
  readonly atMs: number;
  readonly durationMs: number;
  readonly status: number | null;
  readonly error: string | null;
}

/** An event on its way to one receiver. */
export interface Delivery {
  readonly id: string;
  readonly eventId: string;
  readonly eventType: string;
  readonly url: string;
  /** Ordered damage, if any. */
  readonly fault: WebhookEffect | null;
  readonly outcome: "pending" | "delivered" | "failed" | "lost";
  readonly attempts: readonly DeliveryAttempt[];
}

/** Who is told: where, and under which secret. */
export interface Receiver {
  readonly url: string;
  readonly secret: string;
}

interface Job extends Delivery {
  readonly event: StripeEvent;
  readonly receiver: Receiver;
  outcome: Delivery["outcome"];
  readonly attempts: DeliveryAttempt[];
}

/** Deliveries that wait to be sent in reverse. */
interface HeldBack {
  readonly jobs: Job[];
  /** Ends the wait for further ones. */
  readonly complete: AbortController;
}

export interface DeliveriesOptions {
  readonly clock: Clock;
  readonly faults: FaultPlan;
  /** Waits before the second and further tries; its length is the count of repetitions. */
  readonly retryDelaysMs: readonly number[];
}

/**
 * Hands events to receivers. The events of one payment go one after another, each waiting until the one before has
 * arrived or was given up; different payments do not wait for each other.
 */
export class Deliveries {
  readonly #options: DeliveriesOptions;
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #running = new Set<Promise<void>>();
  readonly #stopped = new AbortController();
  #jobs: Job[] = [];
  #held: HeldBack | null = null;
  #free: number = emulatorLimits.deliveriesAtOnceMax;
  #queue: (() => void)[] = [];

  constructor(options: DeliveriesOptions) {
    this.#options = options;
  }

  /** Everything that was to be delivered, with what became of it, oldest first. */
  list(): readonly Delivery[] {
    return this.#jobs.map(({ event: _event, receiver: _receiver, ...delivery }) => ({
      ...delivery,
      attempts: [...delivery.attempts],
    }));
  }

  /** Starts a delivery; `lane` names the payment whose order is kept. */
  start(event: StripeEvent, receiver: Receiver, lane: string): void {
    const taken = this.#options.faults.takeWebhook(event.type);
    const job: Job = {
      id: newStripeId("dlv"),
      eventId: event.id,
      eventType: event.type,
      url: receiver.url,
      fault: taken?.fault.effect ?? null,
      outcome: "pending",
      attempts: [],
      event,
      receiver,
    };
    this.#jobs.push(job);
    if (taken === null) {
      this.#inLane(lane, () => this.#deliver(job));
      return;
    }
    switch (taken.fault.effect) {
      case "lost":
        job.outcome = "lost";
        return;
      case "twice":
        this.#inLane(lane, async () => {
          await this.#deliver(job);
          await this.#deliver(job);
        });
        return;
      case "late":
        this.#track(this.#pause(taken.fault.delayMs).then(() => this.#deliver(job)));
        return;
      case "out_of_order":
        this.#holdBack(job, taken.fault.delayMs);
        if (taken.left === 0) this.#held?.complete.abort();
    }
  }

  /** Resolves when nothing is under way any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.allSettled(this.#running);
  }

  /** Forgets what was delivered; what is under way goes on unseen. */
  forget(): void {
    this.#jobs = [];
  }

  /** Gives up everything under way. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    for (const wake of this.#queue.splice(0)) wake();
    await this.idle();
  }

  /** Keeps a delivery until its batch is complete or has waited long enough; then the newest goes first. */
  #holdBack(job: Job, delayMs: number): void {
    if (this.#held !== null) {
      this.#held.jobs.push(job);
      return;
    }
    const held: HeldBack = { jobs: [job], complete: new AbortController() };
    this.#held = held;
    const sendReversed = async (): Promise<void> => {
      await this.#pause(delayMs, held.complete.signal);
      if (this.#held === held) this.#held = null;
      for (const next of held.jobs.reverse()) await this.#deliver(next);
    };
    this.#track(sendReversed());
  }

  #inLane(lane: string, work: () => Promise<void>): void {
    const before = this.#lanes.get(lane) ?? Promise.resolve();
    const run = before.then(work);
    this.#lanes.set(lane, run);
    this.#track(
      run.then(() => {
        if (this.#lanes.get(lane) === run) this.#lanes.delete(lane);
      }),
    );
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#running.delete(tracked));
    this.#running.add(tracked);
  }

  async #deliver(job: Job): Promise<void> {
    for (const delayMs of [0, ...this.#options.retryDelaysMs]) {
      if (delayMs > 0) await this.#pause(delayMs);
      if (this.#stopped.signal.aborted) break;
      const attempt = await this.#attempt(job);
      job.attempts.push(attempt);
      if (attempt.status !== null && attempt.status >= 200 && attempt.status < 300) {
        job.outcome = "delivered";
        return;
      }
    }
    job.outcome = "failed";
  }

  async #attempt(job: Job): Promise<DeliveryAttempt> {
    await this.#enter();
    const atMs = this.#options.clock.nowMs();
    const done = (status: number | null, error: string | null): DeliveryAttempt => ({
      atMs,
      durationMs: this.#options.clock.nowMs() - atMs,
      status,
      error,
    });
    try {
      // Stripe sends its events indented, so a receiver that parses and re-encodes before verifying fails here too.
      const payload = JSON.stringify(job.event, null, 2);
      const response = await fetch(job.receiver.url, {
        method: "POST",
        redirect: "manual",
        headers: {
          "content-type": "application/json; charset=utf-8",
          "user-agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
          "stripe-signature": signPayload(job.receiver.secret, payload, Math.floor(atMs / 1_000)),
        },
        body: payload,
        signal: AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(emulatorLimits.deliveryTimeoutMs)]),
      });
      await response.body?.cancel();
      return done(response.status, null);
    } catch (error) {
      return done(null, describe(error));
    } finally {
      this.#leave();
    }
  }

  async #pause(delayMs: number, ...enders: readonly AbortSignal[]): Promise<void> {
    // An ended wait is not a failure; whoever waited looks at the signals next.
    const signal = AbortSignal.any([this.#stopped.signal, ...enders]);
    await sleep(delayMs, undefined, { signal }).catch(() => undefined);
  }

  async #enter(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    await new Promise<void>((resolve) => this.#queue.push(resolve));
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#free += 1;
    else next();
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
