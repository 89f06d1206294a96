import type { Clock } from "@foyer/kernel/clock";
import type { BaseAccount } from "./accounts.ts";
import type { AuthorizationRequest } from "./authorize/request.ts";
import type { Client } from "./clients.ts";
import type { FaultPlan } from "./control/faults.ts";
import type { Grants } from "./grants.ts";
import type { SigningKey, SigningKeys } from "./keys.ts";
import type { Profile } from "./profile.ts";

/** A request that a person is looking at. */
export interface OpenConsent {
  readonly request: AuthorizationRequest;
  readonly expiresAtMs: number;
}

/** Everything that one provider knows while it runs. */
export interface ProviderState<A extends BaseAccount> {
  readonly profile: Profile<A>;
  readonly clock: Clock;
  /** Its address, without a slash at the end. */
  readonly base: () => string;
  readonly accounts: Map<string, A>;
  readonly clients: Map<string, Client>;
  readonly grants: Grants;
  /** By id of an account: the clients that it has allowed before. */
  readonly consents: Map<string, Set<string>>;
  /** By the random name that is in the page. */
  readonly openConsents: Map<string, OpenConsent>;
  readonly keys: SigningKeys;
  /** The key that another provider signs with. */
  readonly foreignKey: () => Promise<SigningKey>;
  readonly faults: FaultPlan;
  /** Ends waiting calls when the server stops. */
  readonly stopped: AbortSignal;
}
