import * as z from "zod";
import { emulatorLimits } from "../../limits.ts";
import { type ProviderName, providerNames } from "../provider-names.ts";

/** What can go wrong with a call to the token endpoint: the provider's own failure, no answer at all, a late one. */
export const callEffects = ["500", "timeout", "slow"] as const;
export type CallEffect = (typeof callEffects)[number];

/**
 * What can be wrong with an ID token: claims of another request, client or issuer, its end past, no signature, the public
 * key used as the secret of an HMAC, another provider's key under its own id or under the right one, no token at all.
 */
export const idTokenEffects = [
  "wrong_nonce",
  "wrong_audience",
  "wrong_issuer",
  "expired",
  "alg_none",
  "hs256_public_key",
  "foreign_key",
  "foreign_signature",
  "missing_id_token",
] as const;
export type IdTokenEffect = (typeof idTokenEffects)[number];
export type TokenEffect = CallEffect | IdTokenEffect;

/** Body of `POST /_emulator/faults`. */
export const faultSchema = z
  .strictObject({
    provider: z.enum(providerNames),
    effect: z.enum([...callEffects, ...idTokenEffects]),
    /** How many answers it hits. */
    count: z.int().min(1).max(emulatorLimits.faultCountMax).default(1),
    /** How long a "slow" call takes, and how long a "timeout" keeps its connection. */
    delayMs: z.int().min(0).max(emulatorLimits.silenceMsMax).optional(),
  })
  .refine(({ provider, effect }) => provider !== "github" || isOneOf(callEffects, effect), {
    path: ["effect"],
    message: "GitHub issues no ID tokens, so this could never strike.",
  });

export type Fault = z.infer<typeof faultSchema>;
export type CallFault = Fault & { readonly effect: CallEffect };

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

  /** The fault that hits this call as a whole, which is used up by asking. */
  takeCall(provider: ProviderName): CallFault | null {
    return this.#take((fault): fault is CallFault => fault.provider === provider && isOneOf(callEffects, fault.effect));
  }

  /** What is wrong with the ID token that is being made, which is used up by asking. */
  takeIdToken(provider: ProviderName): IdTokenEffect | null {
    const fault = this.#take(
      (planned): planned is Fault & { readonly effect: IdTokenEffect } =>
        planned.provider === provider && isOneOf(idTokenEffects, planned.effect),
    );
    return fault?.effect ?? null;
  }

  #take<F extends Fault>(hits: (fault: Fault) => fault is F): F | null {
    for (const entry of this.#planned) {
      if (!hits(entry.fault)) continue;
      entry.left -= 1;
      if (entry.left === 0) this.#planned = this.#planned.filter((planned) => planned !== entry);
      return entry.fault;
    }
    return null;
  }
}

/** Whether an effect is one of these. */
export function isOneOf<E extends TokenEffect>(effects: readonly E[], effect: TokenEffect): effect is E {
  return effects.some((known) => known === effect);
}
