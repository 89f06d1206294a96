import type { CallContext } from "@foyer/contracts/shared/actor";
import type { AppContext } from "@foyer/http/app";
import type { Deps } from "../deps.ts";

/** Who asks, and under which request id, as use-cases want it. */
export function callOf(c: AppContext<Deps>): CallContext {
  return { actor: c.get("actor"), requestId: c.get("requestId") };
}

/** Answers that belong to one person or one organization are kept by nobody. */
export const privateCache = "private, no-store";
/** Public reads: a shared cache may keep them for a second, so that a rush reaches the worker once a second. */
export const publicCache = "public, max-age=0, s-maxage=1, stale-while-revalidate=5";
