import { gatewayErrors } from "@foyer/contracts/gateway/errors";
import { problemResponse } from "@foyer/http/problem";
import type { Failure } from "@foyer/kernel/result";

/** A failure of the gateway's own as a problem document. */
export function problem(failure: Failure, call: { readonly requestId: string }): Response {
  return problemResponse(failure, gatewayErrors, call.requestId);
}
