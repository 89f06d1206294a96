import { WorkerEntrypoint } from "cloudflare:workers";
import type { UsersRpc } from "@foyer/contracts/users/rpc";
import { createUsersApp } from "./app.ts";
import { createDeps, type Deps } from "./deps.ts";
import type { Env } from "./env.ts";
import * as rpc from "./rpc.ts";

let deps: Deps | undefined;
const provide = (bindings: object): Deps => {
  deps ??= createDeps(bindings as Env);
  return deps;
};
const app = createUsersApp(provide);

/** What the platform and other workers call. */
export class UsersWorker extends WorkerEntrypoint<Env> implements UsersRpc {
  override fetch(request: Request): Response | Promise<Response> {
    return app.fetch(request, this.env, this.ctx);
  }

  /** Every minute: send what is due, forget what has expired. */
  override async scheduled(): Promise<void> {
    const { drain, tidy } = provide(this.env);
    await drain();
    await tidy();
  }

  async getJwks(): ReturnType<UsersRpc["getJwks"]> {
    return provide(this.env).signer.publicKeys();
  }

  authorize(...[call, input]: Parameters<UsersRpc["authorize"]>): ReturnType<UsersRpc["authorize"]> {
    return rpc.authorize(provide(this.env), call, input);
  }

  getContacts(...[call, input]: Parameters<UsersRpc["getContacts"]>): ReturnType<UsersRpc["getContacts"]> {
    return rpc.getContacts(provide(this.env), call, input);
  }

  getSingleUseToken(
    ...[call, input]: Parameters<UsersRpc["getSingleUseToken"]>
  ): ReturnType<UsersRpc["getSingleUseToken"]> {
    return rpc.getSingleUseToken(provide(this.env), call, input);
  }

  getOrganizations(
    ...[call, input]: Parameters<UsersRpc["getOrganizations"]>
  ): ReturnType<UsersRpc["getOrganizations"]> {
    return rpc.getOrganizations(provide(this.env), call, input);
  }
}
