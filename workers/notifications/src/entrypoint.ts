import { WorkerEntrypoint } from "cloudflare:workers";
import { createNotificationsApp } from "./app.ts";
import { handleBatch } from "./consumers/queue.ts";
import { createDeps, type Deps } from "./deps.ts";
import type { Env } from "./env.ts";

let deps: Deps | undefined;
const provide = (bindings: object): Deps => {
  // The platform passes the bindings that wrangler.toml declares.
  deps ??= createDeps(bindings as Env);
  return deps;
};
const app = createNotificationsApp(provide);

/** What the platform calls. No worker asks notifications anything. */
export class NotificationsWorker extends WorkerEntrypoint<Env> {
  override fetch(request: Request): Response | Promise<Response> {
    return app.fetch(request, this.env, this.ctx);
  }

  override async queue(batch: MessageBatch<unknown>): Promise<void> {
    const own = provide(this.env);
    await handleBatch(batch, own);
    await own.drain();
  }

  /** Every minute: send what is due, forget what is old. */
  override async scheduled(): Promise<void> {
    const own = provide(this.env);
    await own.drain();
    await own.tidy();
  }
}
