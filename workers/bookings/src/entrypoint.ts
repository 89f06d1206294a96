import { WorkerEntrypoint } from "cloudflare:workers";
import { requireSystem } from "@foyer/auth/guards";
import type { BookingsRpc } from "@foyer/contracts/bookings/rpc";
import { deadLetterQueueName } from "@foyer/contracts/messages/routing";
import type { CallContext } from "@foyer/contracts/shared/actor";
import { eventIdOf } from "@foyer/kernel/ids";
import { ok, type Result } from "@foyer/kernel/result";
import { consume } from "@foyer/messaging/consumer";
import { consumeDeadLetters } from "@foyer/messaging/dead-letters";
import { createBookingsApp } from "./app.ts";
import { bookingsHandlers } from "./consumers/handlers.ts";
import { createDeps, type Deps } from "./deps.ts";
import type { Env } from "./env.ts";
import { beforeApp } from "./routes/rush.ts";
import * as inputs from "./rpc-inputs.ts";
import { copySale } from "./service/copy-sale.ts";
import { getOrderDocument } from "./service/get-order-document.ts";
import { getSalesSummary } from "./service/get-sales-summary.ts";
import { holderOf } from "./service/holder.ts";
import { holdsTicket } from "./service/holds-ticket.ts";
import { listOrdersOfPerson } from "./service/list-orders-of-person.ts";

let deps: Deps | undefined;
const provide = (bindings: object): Deps => {
  deps ??= createDeps(bindings as Env);
  return deps;
};
const app = createBookingsApp(provide);
const serve = beforeApp(provide, (request, env, ctx) => app.fetch(request, env, ctx));

type Input<M extends keyof BookingsRpc> = Parameters<BookingsRpc[M]>[1];
type Answer<M extends keyof BookingsRpc> = ReturnType<BookingsRpc[M]>;

function parseSystemCall(call: CallContext): Result<CallContext> {
  const parsed = inputs.callSchema.parse(call);
  const system = requireSystem(parsed.actor);
  return system.ok ? { ok: true, value: parsed } : system;
}

/** What the platform and other workers call. */
export class BookingsWorker extends WorkerEntrypoint<Env> implements BookingsRpc {
  override fetch(request: Request): Response | Promise<Response> {
    return serve(request, this.env, this.ctx);
  }

  override async queue(batch: MessageBatch<unknown>): Promise<void> {
    const own = provide(this.env);
    if (batch.queue === deadLetterQueueName("bookings")) return consumeDeadLetters(batch, own);
    await consume(batch, bookingsHandlers(own), own);
    await own.drain();
  }

  override async scheduled(): Promise<void> {
    const own = provide(this.env);
    await own.drain();
    await own.tidy();
  }

  async prepareSale(call: CallContext, input: Input<"prepareSale">): Answer<"prepareSale"> {
    const caller = parseSystemCall(call);
    if (!caller.ok) return caller;
    const { event } = inputs.eventInputSchema.parse(input);
    return (await provide(this.env).offices.run(event.eventId, "prepareSale", { event }, caller.value)).result;
  }

  async openSale(call: CallContext, input: Input<"openSale">): Answer<"openSale"> {
    const caller = parseSystemCall(call);
    if (!caller.ok) return caller;
    const { event } = inputs.eventInputSchema.parse(input);
    return (await provide(this.env).offices.run(event.eventId, "openSale", { event }, caller.value)).result;
  }

  async closeSale(call: CallContext, input: Input<"closeSale">): Answer<"closeSale"> {
    const caller = parseSystemCall(call);
    if (!caller.ok) return caller;
    const { eventId, version } = inputs.closeSaleInputSchema.parse(input);
    return (await provide(this.env).offices.run(eventId, "closeSale", { version }, caller.value)).result;
  }

  async getSaleReadiness(call: CallContext, input: Input<"getSaleReadiness">): Answer<"getSaleReadiness"> {
    const caller = parseSystemCall(call);
    if (!caller.ok) return caller;
    const { eventId } = inputs.eventIdInputSchema.parse(input);
    return (await provide(this.env).offices.run(eventId, "getSaleReadiness", {}, caller.value)).result;
  }

  async getPayableOrder(call: CallContext, input: Input<"getPayableOrder">): Answer<"getPayableOrder"> {
    const caller = inputs.callSchema.parse(call);
    const { orderId, proof, holdUntilMs } = inputs.payableOrderInputSchema.parse(input);
    const { offices, keys } = provide(this.env);
    const holder = holderOf(keys, caller.actor, orderId, proof.secret);
    const asked = { orderId, holder, holdUntilMs };
    return (await offices.run(eventIdOf(orderId), "getPayableOrder", asked, caller)).result;
  }

  async getOrderState(call: CallContext, input: Input<"getOrderState">): Answer<"getOrderState"> {
    const caller = inputs.callSchema.parse(call);
    const { orderId, proof } = inputs.heldOrderInputSchema.parse(input);
    const { offices, keys } = provide(this.env);
    const holder = holderOf(keys, caller.actor, orderId, proof.secret);
    return (await offices.run(eventIdOf(orderId), "getOrderState", { orderId, holder }, caller)).result;
  }

  async confirmOrder(call: CallContext, input: Input<"confirmOrder">): Answer<"confirmOrder"> {
    const caller = parseSystemCall(call);
    if (!caller.ok) return caller;
    const { orderId, paymentId, paid } = inputs.confirmOrderInputSchema.parse(input);
    const asked = { orderId, paymentId, paid };
    return (await provide(this.env).offices.run(eventIdOf(orderId), "confirmOrder", asked, caller.value)).result;
  }

  async expireOrder(call: CallContext, input: Input<"expireOrder">): Answer<"expireOrder"> {
    const caller = parseSystemCall(call);
    if (!caller.ok) return caller;
    const asked = inputs.orderIdInputSchema.parse(input);
    return (await provide(this.env).offices.run(eventIdOf(asked.orderId), "expireOrder", asked, caller.value)).result;
  }

  async recordRefund(call: CallContext, input: Input<"recordRefund">): Answer<"recordRefund"> {
    const caller = parseSystemCall(call);
    if (!caller.ok) return caller;
    const { paymentId, ...refund } = inputs.recordRefundInputSchema.parse(input);
    const asked = { ...refund, paymentId: paymentId ?? null };
    return (await provide(this.env).offices.run(eventIdOf(refund.orderId), "recordRefund", asked, caller.value)).result;
  }

  async listOrdersOfPerson(call: CallContext, input: Input<"listOrdersOfPerson">): Answer<"listOrdersOfPerson"> {
    const caller = inputs.callSchema.parse(call);
    return listOrdersOfPerson(provide(this.env), caller, inputs.ordersOfPersonInputSchema.parse(input));
  }

  async getOrderDocument(call: CallContext, input: Input<"getOrderDocument">): Answer<"getOrderDocument"> {
    const caller = inputs.callSchema.parse(call);
    return getOrderDocument(provide(this.env), caller, inputs.orderIdInputSchema.parse(input));
  }

  async getSaleTally(call: CallContext, input: Input<"getSaleTally">): Answer<"getSaleTally"> {
    const caller = parseSystemCall(call);
    if (!caller.ok) return caller;
    const { eventId } = inputs.eventIdInputSchema.parse(input);
    return (await provide(this.env).offices.run(eventId, "getSaleTally", {}, caller.value)).result;
  }

  async copySale(call: CallContext, input: Input<"copySale">): Answer<"copySale"> {
    const caller = parseSystemCall(call);
    if (!caller.ok) return caller;
    return copySale(provide(this.env), caller.value, inputs.copySaleInputSchema.parse(input));
  }

  async holdsTicket(call: CallContext, input: Input<"holdsTicket">): Answer<"holdsTicket"> {
    const caller = inputs.callSchema.parse(call);
    const { orderId = null, ...asked } = inputs.holdsTicketInputSchema.parse(input);
    return holdsTicket(provide(this.env), caller, { ...asked, orderId });
  }

  async getSalesSummary(call: CallContext, input: Input<"getSalesSummary">): Answer<"getSalesSummary"> {
    const caller = parseSystemCall(call);
    if (!caller.ok) return caller;
    return ok(await getSalesSummary(provide(this.env), inputs.salesSummaryInputSchema.parse(input)));
  }
}
