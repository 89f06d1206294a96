import { WorkerEntrypoint } from "cloudflare:workers";
import type { EventInvitation } from "@foyer/contracts/events/guests";
import type { EventFacts, EventsRpc } from "@foyer/contracts/events/rpc";
import { deadLetterQueueName } from "@foyer/contracts/messages/routing";
import type { CallContext } from "@foyer/contracts/shared/actor";
import type { EventId, Id } from "@foyer/kernel/ids";
import type { Result } from "@foyer/kernel/result";
import { consume } from "@foyer/messaging/consumer";
import { consumeDeadLetters } from "@foyer/messaging/dead-letters";
import { createEventsApp } from "./app.ts";
import { createHandlers } from "./consumers/handlers.ts";
import { createDeps, type Deps } from "./deps.ts";
import type { Env } from "./env.ts";
import { getEventFacts } from "./service/get-event-facts.ts";
import { getInvitation } from "./service/get-invitation.ts";
import { catchUpByClock, clearByClock, moveByClock } from "./service/move-by-clock.ts";

let deps: Deps | undefined;
const provide = (bindings: object): Deps => {
  deps ??= createDeps(bindings as Env);
  return deps;
};
const app = createEventsApp(provide);

/** What the platform and other workers call. */
export class EventsWorker extends WorkerEntrypoint<Env> implements EventsRpc {
  override fetch(request: Request): Response | Promise<Response> {
    // A page at hand is answered before the router, the middleware and the database: this is where the crowd is.
    return provide(this.env).pages.match(request) ?? app.fetch(request, this.env, this.ctx);
  }

  override async queue(batch: MessageBatch<unknown>): Promise<void> {
    const own = provide(this.env);
    if (batch.queue === deadLetterQueueName("events")) return consumeDeadLetters(batch, own.consumer);
    await consume(batch, createHandlers(own), own.consumer);
    await own.drain();
  }

  override async scheduled(): Promise<void> {
    const known = provide(this.env);
    await moveByClock(known);
    await known.drain();
    await catchUpByClock(known);
    await known.drain();
    await clearByClock(known);
  }

  async getEvent(call: CallContext, input: { readonly eventId: EventId }): Promise<Result<EventFacts>> {
    return getEventFacts(provide(this.env), call, input);
  }

  async getInvitation(
    call: CallContext,
    input: { readonly eventId: EventId; readonly guestId: Id<"guest"> },
  ): Promise<Result<EventInvitation>> {
    return getInvitation(provide(this.env), call, input);
  }
}
