import { WorkerEntrypoint } from "cloudflare:workers";
import { deadLetterQueueName } from "@foyer/contracts/messages/routing";
import { consumeTogether } from "@foyer/messaging/batch-consumer";
import { consumeDeadLetters } from "@foyer/messaging/dead-letters";
import { createAnalyticsApp } from "./app.ts";
import { createDeps, type Deps } from "./deps.ts";
import type { Env } from "./env.ts";

let deps: Deps | undefined;
const provide = (bindings: object): Deps => {
  deps ??= createDeps(bindings as Env);
  return deps;
};
const app = createAnalyticsApp(provide);

/** What the platform calls. */
export class AnalyticsWorker extends WorkerEntrypoint<Env> {
  override fetch(request: Request): Response | Promise<Response> {
    return app.fetch(request, this.env, this.ctx);
  }

  override async queue(batch: MessageBatch<unknown>): Promise<void> {
    const { consumer, handlers } = provide(this.env);
    if (batch.queue === deadLetterQueueName("analytics")) await consumeDeadLetters(batch, consumer);
    else await consumeTogether(batch, handlers, consumer);
  }

  override async scheduled(): Promise<void> {
    await provide(this.env).tidy();
  }
}
