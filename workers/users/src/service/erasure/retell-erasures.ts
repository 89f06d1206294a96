import { erasureWorkers } from "@foyer/contracts/messages/catalog";
import { secondMs } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../../deps.ts";

/** Tells those again who have not answered for long that a person is to be forgotten; run by cron. */
export async function retellErasures(
  deps: Pick<Deps, "erasures" | "store" | "clock" | "metrics" | "log">,
  requestId: string,
): Promise<void> {
  const nowMs = deps.clock.nowMs();
  const toldBeforeMs = nowMs - limits.erasureRetellSeconds * secondMs;
  for (const { userId, answered } of await deps.erasures.listUnanswered(toldBeforeMs, limits.erasuresPerSweepMax)) {
    const silent = erasureWorkers.filter((worker) => !answered.includes(worker));
    const message = newMessage("user.erasure_due", { userId }, { source: "users", requestId, nowMs });
    await deps.store.commit([...deps.store.tell(message, nowMs, silent), deps.erasures.noteTold(userId, nowMs)]);
    for (const worker of silent) deps.metrics.count("erasure.retold", { worker });
    deps.log.warn("erasure told again", { userId, workers: silent.join(" ") });
  }
}
