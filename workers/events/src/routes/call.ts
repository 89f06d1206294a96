import type { CallContext } from "@foyer/contracts/shared/actor";
import { toEpochMs } from "@foyer/contracts/shared/schemas";
import type { AppContext } from "@foyer/http/app";
import type { Deps } from "../deps.ts";

/** Who asks, and under which request id, as use-cases want it. */
export function callOf(c: AppContext<Deps>): CallContext {
  return { actor: c.get("actor"), requestId: c.get("requestId") };
}

/** Answers that belong to one person or one organization are kept by nobody. */
export const privateCache = "private, no-store";
/**
 * Public reads: a shared cache may keep them for a second, so that a rush reaches the worker once a second. It may not show them for longer
 * (no `stale-while-revalidate`): with the half seconds of gateway and isolate an edit is seen within two.
 */
export const publicCache = "public, max-age=0, s-maxage=1";

/** A filter's times as the use-cases have them. */
export function filterOf<Q extends { readonly from?: string | undefined; readonly to?: string | undefined }>(query: Q) {
  const { from, to, ...others } = query;
  return {
    ...others,
    fromMs: from === undefined ? undefined : toEpochMs(from),
    toMs: to === undefined ? undefined : toEpochMs(to),
  };
}

/**
 * `Cache-Tag` of a public answer, by which caches in front of the platform are told to forget it: what shows one event has the event's,
 * what shows several their organization's, or that of all events.
 */
export function tagsOf(about: { readonly eventId?: string | undefined; readonly organizationId?: string | undefined }) {
  if (about.eventId !== undefined) return `event:${about.eventId}`;
  return about.organizationId === undefined ? "events" : `organization:${about.organizationId}`;
}
