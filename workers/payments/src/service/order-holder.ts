import type { Actor, HolderProof } from "@foyer/contracts/shared/actor";
import { type Failure, fail, ok, type Result } from "@foyer/kernel/result";

/** What the caller shows to prove that an order is theirs: its secret, or who they are. `auth.required` with neither. */
export function requireHolder(actor: Actor, secret: string | null): Result<HolderProof> {
  if (secret !== null && secret !== "") return ok({ secret });
  return actor.kind === "anonymous" ? fail("auth.required", "Sign in, or send the order's X-Order-Secret.") : ok({});
}

const passedOn = new Set([
  "bookings.order_not_found",
  "bookings.order_expired",
  "bookings.order_not_payable",
  "auth.required",
  "auth.forbidden",
  "platform.unavailable",
]);

/** What bookings says of an order, as payments answers it: codes that callers know are passed on. */
export function orderFailure(failure: Failure): Failure {
  if (passedOn.has(failure.code)) return failure;
  return { code: "bookings.order_not_payable", detail: "The order cannot be paid." };
}
