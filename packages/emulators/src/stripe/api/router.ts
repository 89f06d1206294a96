import type { Cause } from "../account.ts";
import type { Params } from "./params.ts";

/** A call that has passed authentication, faults and idempotency. */
export interface ApiCall {
  readonly params: Params;
  /** The parameters of the path, in their order. */
  readonly ids: readonly string[];
  readonly cause: Cause;
}

/** One route of the API. The answer is an object of the account; expansion happens outside. */
export interface ApiRoute {
  readonly method: "GET" | "POST" | "DELETE";
  /** Such as `/v1/payment_intents/:id/confirm`. */
  readonly path: string;
  readonly handle: (call: ApiCall) => object;
}
