import type { CallContext, HolderProof } from "@foyer/contracts/shared/actor";
import { eventIdOf, type OrderId } from "@foyer/kernel/ids";
import type { Answered } from "../clients/box-offices.ts";
import type { Deps } from "../deps.ts";
import type { IdempotencyClaim } from "../durable-objects/answers.ts";
import type { OperationValue } from "../durable-objects/operations.ts";
import { holderOf } from "./holder.ts";

/** An order, for its holder. */
export function getOrder(
  deps: Pick<Deps, "offices" | "keys">,
  call: CallContext & { readonly idempotency?: IdempotencyClaim | null },
  input: { readonly orderId: OrderId; readonly proof: HolderProof },
): Promise<Answered<OperationValue<"getOrder">>> {
  const { orderId, proof } = input;
  const holder = holderOf(deps.keys, call.actor, orderId, proof.secret);
  return deps.offices.run(eventIdOf(orderId), "getOrder", { orderId, holder }, call);
}
