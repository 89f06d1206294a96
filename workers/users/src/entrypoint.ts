import { WorkerEntrypoint } from "cloudflare:workers";
import { deadLetterQueueName } from "@foyer/contracts/messages/routing";
import type { UsersRpc } from "@foyer/contracts/users/rpc";
import { newId } from "@foyer/kernel/ids";
import { consume } from "@foyer/messaging/consumer";
import { consumeDeadLetters } from "@foyer/messaging/dead-letters";
import { createUsersApp } from "./app.ts";
import { createHandlers } from "./consumers/handlers.ts";
import { createDeps, type Deps } from "./deps.ts";
import type { Env } from "./env.ts";
import * as rpc from "./rpc.ts";
import { retellErasures } from "./service/erasure/retell-erasures.ts";
import { rotateSigningKeys } from "./service/keys/rotate-signing-keys.ts";

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

  override async queue(batch: MessageBatch<unknown>): Promise<void> {
    const own = provide(this.env);
    if (batch.queue === deadLetterQueueName("users")) return consumeDeadLetters(batch, own.consumer);
    await consume(batch, createHandlers(own), own.consumer);
    await own.drain();
  }

  /** Every minute: see to the keys, remind who is to forget somebody, send what is due, forget what has expired. */
  override async scheduled(): Promise<void> {
    const own = provide(this.env);
    const requestId = newId("message", own.clock.nowMs()).replace("msg_", "req_");
    await rotateSigningKeys(own, requestId);
    await retellErasures(own, requestId);
    await own.drain();
    await own.tidy();
  }

  async getJwks(): ReturnType<UsersRpc["getJwks"]> {
    return provide(this.env).signer.publicKeys();
  }

  getRevocations(...[input]: Parameters<UsersRpc["getRevocations"]>): ReturnType<UsersRpc["getRevocations"]> {
    return rpc.getRevocations(provide(this.env), input);
  }

  authenticateKey(...[input]: Parameters<UsersRpc["authenticateKey"]>): ReturnType<UsersRpc["authenticateKey"]> {
    return rpc.authenticateKey(provide(this.env), input);
  }

  authorize(...[call, input]: Parameters<UsersRpc["authorize"]>): ReturnType<UsersRpc["authorize"]> {
    return rpc.authorize(provide(this.env), call, input);
  }

  getContacts(...[call, input]: Parameters<UsersRpc["getContacts"]>): ReturnType<UsersRpc["getContacts"]> {
    return rpc.getContacts(provide(this.env), call, input);
  }

  getErasure(...[call, input]: Parameters<UsersRpc["getErasure"]>): ReturnType<UsersRpc["getErasure"]> {
    return rpc.getErasure(provide(this.env), call, input);
  }

  getLetter(...[call, input]: Parameters<UsersRpc["getLetter"]>): ReturnType<UsersRpc["getLetter"]> {
    return rpc.getLetter(provide(this.env), call, input);
  }

  getOrganizations(
    ...[call, input]: Parameters<UsersRpc["getOrganizations"]>
  ): ReturnType<UsersRpc["getOrganizations"]> {
    return rpc.getOrganizations(provide(this.env), call, input);
  }

  findOrganization(
    ...[call, input]: Parameters<UsersRpc["findOrganization"]>
  ): ReturnType<UsersRpc["findOrganization"]> {
    return rpc.findOrganization(provide(this.env), call, input);
  }
}
