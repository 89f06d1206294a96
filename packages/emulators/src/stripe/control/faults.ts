import * as z from "zod";
import { emulatorLimits } from "../../limits.ts";

/** What can go wrong with a webhook: never sent, sent after others, sent two times, sent in reverse. */
export const webhookEffects = ["lost", "late", "twice", "out_of_order"] as const;
export type WebhookEffect = (typeof webhookEffects)[number];

/**
 * What can go wrong with a call: done but never answered, neither done nor answered, refused as Stripe's own failure,
 * failed in the middle (which Stripe keeps under the key and repeats for a day), refused for haste, or answered late (and
 * holding its idempotency key meanwhile).
 */
export const apiEffects = ["timeout_after_success", "timeout", "500", "500_kept", "429", "slow"] as const;
export type ApiEffect = (typeof apiEffects)[number];

const count = z.int().min(1).max(emulatorLimits.faultCountMax).default(1);
const delayMs = z.int().min(0).max(emulatorLimits.silenceMsMax);

/** Body of `POST /_emulator/faults`. */
export const faultSchema = z.discriminatedUnion("on", [
  z.strictObject({
    on: z.literal("webhooks"),
    effect: z.enum(webhookEffects),
    /** How many deliveries it hits: events, where there is one receiver. `out_of_order` collects so many and reverses them. */
    count,
    /** How late "late" is; how long `out_of_order` waits for further events. */
    delayMs: delayMs.default(500),
    /** Only events of these types; all where left out. */
    eventTypes: z.array(z.string()).min(1).optional(),
  }),
  z.strictObject({
    on: z.literal("api"),
    effect: z.enum(apiEffects),
    /** How many calls it hits. */
    count,
    /** How long a call stays without an answer. */
    delayMs: delayMs.optional(),
    /** Only this route, as it is listed in the README: `POST /v1/payment_intents/:id/confirm`. */
    route: z.string().optional(),
  }),
]);

export type Fault = z.infer<typeof faultSchema>;
export type WebhookFault = Extract<Fault, { on: "webhooks" }>;
export type ApiFault = Extract<Fault, { on: "api" }>;

/** The faults still to come. They strike in the order in which they were ordered, each as often as it says. */
export class FaultPlan {
  #planned: { readonly fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#planned.push({ fault, left: fault.count });
  }

  clear(): void {
    this.#planned = [];
  }

  /** What is still to strike. */
  list(): readonly (Fault & { readonly left: number })[] {
    return this.#planned.map(({ fault, left }) => ({ ...fault, left }));
  }

  /** The fault that hits this call, which is used up by asking. */
  takeApi(route: string): ApiFault | null {
    const fault = this.#take((planned) => planned.on === "api" && (planned.route ?? route) === route);
    return fault?.on === "api" ? fault : null;
  }

  /** The fault that hits this event, which is used up by asking, and how often it will strike after that. */
  takeWebhook(type: string): { readonly fault: WebhookFault; readonly left: number } | null {
    const fault = this.#take((planned) => planned.on === "webhooks" && (planned.eventTypes ?? [type]).includes(type));
    if (fault?.on !== "webhooks") return null;
    const left = this.#planned.find((planned) => planned.fault === fault)?.left ?? 0;
    return { fault, left };
  }

  #take(hits: (fault: Fault) => boolean): Fault | null {
    const entry = this.#planned.find((planned) => hits(planned.fault));
    if (entry === undefined) return null;
    entry.left -= 1;
    if (entry.left === 0) this.#planned = this.#planned.filter((planned) => planned !== entry);
    return entry.fault;
  }
}
