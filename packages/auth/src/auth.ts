import type { UsersRpc } from "@foyer/contracts/users/rpc";
import type { Clock } from "@foyer/kernel/clock";
import type { TokenAudience } from "./access-token.ts";
import { createKeyRing } from "./key-ring.ts";
import { createKeySource } from "./key-source.ts";
import type { AuthDeps } from "./middleware.ts";
import { createRevocations } from "./revocations.ts";

/** What of users is asked to know who calls. */
export type AuthPeer = Pick<UsersRpc, "getJwks" | "getRevocations" | "authenticateKey">;

/** What a worker needs to know who calls it: everything is asked of users, and remembered by the isolate. */
export function createAuth(users: AuthPeer, tokens: TokenAudience, clock: Clock): AuthDeps {
  return {
    tokens,
    clock,
    keys: createKeySource(() => users.getJwks(), clock),
    revocations: createRevocations((sequence) => users.getRevocations({ after: sequence }), clock),
    keyRing: createKeyRing((key) => users.authenticateKey({ key }), clock),
  };
}
