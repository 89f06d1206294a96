import { WorkerEntrypoint } from "cloudflare:workers";
import { createUsersApp } from "./app.ts";
import { createDeps, type Deps } from "./deps.ts";
import type { Env } from "./env.ts";

let deps: Deps | undefined;
const provide = (bindings: object): Deps => {
  deps ??= createDeps(bindings as Env);
  return deps;
};
const app = createUsersApp(provide);

/** What the platform and other workers call. */
export class UsersWorker extends WorkerEntrypoint<Env> {
  override fetch(request: Request): Response | Promise<Response> {
    return app.fetch(request, this.env, this.ctx);
  }

  override async scheduled(): Promise<void> {
    await provide(this.env).drain();
  }
}
