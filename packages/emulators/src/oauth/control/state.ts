import type { Provider, ProviderSnapshot } from "../provider.ts";
import { forEachProvider, type ProviderName } from "../provider-names.ts";
import type { Fault, FaultPlan } from "./faults.ts";

/** Everything the emulated providers hold. */
export interface OAuthState {
  readonly providers: Readonly<Record<ProviderName, ProviderSnapshot>>;
  /** Faults that are still to strike, with how often. */
  readonly faults: readonly (Fault & { readonly left: number })[];
}

/** The providers as they are now. */
export function readState(providers: Readonly<Record<ProviderName, Provider>>, faults: FaultPlan): OAuthState {
  return { providers: forEachProvider((name) => providers[name].snapshot()), faults: faults.list() };
}
