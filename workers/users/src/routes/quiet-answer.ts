import { limits } from "@foyer/kernel/limits";
import type { UsersContext } from "./call.ts";

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Lets work begin whose time would tell whether an address has an account, and returns after a time that tells nothing. The work goes on
 * behind the answer where it takes longer, and what it has to tell is sent. Throws where it fails before, which says nothing of any address.
 */
export async function quietly(c: UsersContext, work: Promise<unknown>): Promise<void> {
  const { drain } = c.get("deps");
  c.executionCtx.waitUntil(work.then(drain));
  const failed = work.then(() => new Promise<never>(() => {}));
  await Promise.race([pause(limits.quietAnswerMs), failed]);
}

/** The outcome of such work where the answer needs it: not before a time that it hardly ever takes. */
export async function notBefore<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  const [outcome] = await Promise.all([work, pause(milliseconds)]);
  return outcome;
}
