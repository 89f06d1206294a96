import type { TrackBody } from "@foyer/contracts/analytics/api";
import { type Clock, toRfc3339 } from "@foyer/kernel/clock";
import { hmacSha256 } from "@foyer/kernel/encoding";
import type { EventId } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import { newMessage } from "@foyer/messaging/message";
import type { ViewQueue } from "./ports.ts";

export interface TrackDeps {
  readonly views: ViewQueue;
  readonly clock: Clock;
  /** Secret of the deployment that visitors are hashed with. */
  readonly visitorSalt: string;
}

/**
 * Takes views of event pages. Nothing is read or written but the queue; whether an event exists shows when its figures are
 * read. Nothing of the caller is kept: no address, and of the visitor's own id only a hash that means nothing tomorrow or
 * on another event's page. Fails with `platform.unavailable`.
 */
export async function trackViews(
  deps: TrackDeps,
  call: { readonly requestId: string },
  input: TrackBody,
): Promise<Result<{ accepted: number }>> {
  const nowMs = deps.clock.nowMs();
  const messages = await Promise.all(
    input.events.map(async ({ eventId, visitor, source }) =>
      newMessage(
        "event.viewed",
        {
          eventId,
          visitor: visitor === undefined ? null : await hashVisitor(deps.visitorSalt, nowMs, eventId, visitor),
          source: source ?? null,
          atMs: nowMs,
        },
        { source: "analytics", requestId: call.requestId, nowMs },
      ),
    ),
  );
  const sent = await deps.views.send(messages);
  return sent.ok ? ok({ accepted: messages.length }) : sent;
}

async function hashVisitor(salt: string, nowMs: number, eventId: EventId, visitor: string): Promise<string> {
  const dailyKey = await hmacSha256(salt, toRfc3339(nowMs).slice(0, 10));
  return (await hmacSha256(dailyKey, `${eventId}/${visitor}`)).slice(0, 22);
}
