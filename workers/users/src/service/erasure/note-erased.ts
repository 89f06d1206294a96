import { type ErasureWorker, erasureWorkers } from "@foyer/contracts/messages/catalog";
import type { UserId } from "@foyer/kernel/ids";
import type { Deps } from "../../deps.ts";
import type { Write } from "../../repository/database.ts";
import { auditEntry } from "../call.ts";

/**
 * The writes that note that a worker has forgotten a person. With the last of them the erasure is complete: nobody needs the address any
 * more, so it goes too. Repeatable.
 */
export function planErased(
  deps: Pick<Deps, "erasures" | "audit" | "clock">,
  input: { readonly userId: UserId; readonly worker: ErasureWorker; readonly requestId: string },
): Write[] {
  const { userId, worker, requestId } = input;
  const nowMs = deps.clock.nowMs();
  const call = { actor: { kind: "system", name: worker }, requestId } as const;
  return [
    deps.erasures.confirm(userId, worker, nowMs),
    deps.erasures.complete(userId, erasureWorkers, nowMs),
    deps.audit.ifChanged(auditEntry(call, { action: "user.erasure_completed", targetId: userId }, nowMs)),
  ];
}
