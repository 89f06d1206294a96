import { limits } from "@foyer/kernel/limits";
import { fail, type Result } from "@foyer/kernel/result";

/**
 * Decides again from fresh readings where others came first, so that the answer is about how things are now. Gives up with
 * `users.changed_meanwhile`.
 */
export async function untilStored<T>(attempt: () => Promise<Result<T> | "overtaken">): Promise<Result<T>> {
  for (let count = 0; count < limits.versionAttemptsMax; count += 1) {
    const outcome = await attempt();
    if (outcome !== "overtaken") return outcome;
  }
  return fail("users.changed_meanwhile", "It is being changed by others; try again.", { retryAfterSeconds: 1 });
}
