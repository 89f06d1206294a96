import { WorkerEntrypoint } from "cloudflare:workers";
import { deadLetterQueueName } from "@foyer/contracts/messages/routing";
import { newId } from "@foyer/kernel/ids";
import { consume } from "@foyer/messaging/consumer";
import { consumeDeadLetters } from "@foyer/messaging/dead-letters";
import { createPaymentsApp } from "./app.ts";
import { paymentsHandlers } from "./consumers/handlers.ts";
import { createDeps, type Deps } from "./deps.ts";
import type { Env } from "./env.ts";
import { sweep } from "./service/sweep.ts";

let deps: Deps | undefined;
const provide = (bindings: object): Deps => {
  deps ??= createDeps(bindings as Env);
  return deps;
};
const app = createPaymentsApp(provide);
/** Each message is a call or two to the provider, so a few go side by side. */
const concurrency = 5;

/** What the platform calls. */
export class PaymentsWorker extends WorkerEntrypoint<Env> {
  override fetch(request: Request): Response | Promise<Response> {
    return app.fetch(request, this.env, this.ctx);
  }

  override async queue(batch: MessageBatch<unknown>): Promise<void> {
    const own = provide(this.env);
    if (batch.queue === deadLetterQueueName("payments")) return consumeDeadLetters(batch, own);
    await consume(batch, paymentsHandlers(own), own, { concurrency });
    await own.drain();
  }

  /** Every minute: take up what is unfinished, send what is due, forget what is old. */
  override async scheduled(): Promise<void> {
    const own = provide(this.env);
    await sweep(own, newId("message", own.clock.nowMs()).replace("msg_", "req_"));
    await own.drain();
    await own.tidy();
  }
}
