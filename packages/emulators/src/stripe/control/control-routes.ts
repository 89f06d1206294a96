import * as z from "zod";
import { jsonAnswer, type LocalAnswer, type LocalRequest } from "../../server/local-server.ts";
import { Router } from "../../server/router.ts";
import { type Account, noCall } from "../account.ts";
import { invalidParam, noSuch, StripeApiError } from "../api/errors.ts";
import { expireSession, followPayment, sessionOfIntent } from "../checkout.ts";
import { closeDispute, openDispute } from "../disputes.ts";
import { settleIntent } from "../payments.ts";
import { settleRefund } from "../refunds.ts";
import type { Deliveries } from "../webhooks/deliveries.ts";
import type { EventLog } from "../webhooks/event-log.ts";
import { type FaultPlan, faultSchema } from "./faults.ts";
import { readState } from "./state.ts";

export interface ControlParts {
  readonly account: Account;
  readonly deliveries: Deliveries;
  readonly events: EventLog;
  readonly faults: FaultPlan;
  /** Names of the API's routes; a fault for any other would never strike. */
  readonly routeNames: ReadonlySet<string>;
  /** Points the configured webhook at another address. */
  readonly setWebhookUrl: (url: string) => void;
  /** Forgets everything but the configured webhook. */
  readonly reset: () => void;
}

interface ControlRoute {
  readonly method: string;
  readonly path: string;
  readonly handle: (ids: readonly string[], body: unknown) => unknown;
}

const settleSchema = z.strictObject({ outcome: z.enum(["succeeded", "failed"]) });
const closeSchema = z.strictObject({ outcome: z.enum(["won", "lost"]) });
const webhookSchema = z.strictObject({ url: z.url() });

/** What Stripe does not have: looking in, ordering faults, and playing the bank. All below `/_emulator`. */
export function createControl(parts: ControlParts): (request: LocalRequest) => Promise<LocalAnswer> {
  const router = new Router(controlRoutes(parts));
  return async (request) => {
    const match = router.find(request.method, request.path);
    if (match === null) return problem(404, `There is no ${request.method} ${request.path}.`);
    try {
      const body: unknown = request.body === "" ? {} : JSON.parse(request.body);
      return jsonAnswer(200, await match.route.handle(match.ids, body));
    } catch (error) {
      if (error instanceof StripeApiError) return problem(error.status, error.message);
      if (error instanceof z.ZodError) return problem(422, z.prettifyError(error));
      if (error instanceof SyntaxError) return problem(400, "The body is not JSON.");
      throw error;
    }
  };
}

function controlRoutes(parts: ControlParts): ControlRoute[] {
  const { account, deliveries, events, faults } = parts;
  const { store } = account;
  return [
    { method: "GET", path: "/_emulator/state", handle: () => readState(account, deliveries, faults) },
    {
      method: "POST",
      path: "/_emulator/faults",
      handle: (_ids, body) => {
        const fault = faultSchema.parse(body);
        if (fault.on === "api" && fault.route !== undefined && !parts.routeNames.has(fault.route)) {
          throw invalidParam("route", `There is no route ${fault.route}; write it as "POST /v1/refunds".`);
        }
        faults.add(fault);
        return fault;
      },
    },
    {
      method: "DELETE",
      path: "/_emulator/faults",
      handle: () => {
        faults.clear();
        return {};
      },
    },
    {
      method: "POST",
      path: "/_emulator/webhook",
      handle: (_ids, body) => {
        parts.setWebhookUrl(webhookSchema.parse(body).url);
        return {};
      },
    },
    {
      method: "POST",
      path: "/_emulator/deliveries/wait",
      handle: async () => {
        await deliveries.idle();
        return deliveries.list();
      },
    },
    {
      method: "POST",
      path: "/_emulator/events/:id/resend",
      handle: ([id]) => {
        events.resend(found(store.events, "event", id));
        return {};
      },
    },
    {
      method: "POST",
      path: "/_emulator/payment_intents/:id/settle",
      handle: ([id], body) => {
        const intent = found(store.paymentIntents, "payment_intent", id);
        const result = settleIntent(account, noCall, intent, settleSchema.parse(body).outcome);
        const session = sessionOfIntent(account, intent.id);
        if (session !== undefined) followPayment(account, noCall, session, result);
        return intent;
      },
    },
    {
      method: "POST",
      path: "/_emulator/payment_intents/:id/dispute",
      handle: ([id]) => openDispute(account, noCall, found(store.paymentIntents, "payment_intent", id)),
    },
    {
      method: "POST",
      path: "/_emulator/disputes/:id/close",
      handle: ([id], body) => {
        const dispute = found(store.disputes, "dispute", id);
        closeDispute(account, noCall, dispute, closeSchema.parse(body).outcome);
        return dispute;
      },
    },
    {
      method: "POST",
      path: "/_emulator/refunds/:id/settle",
      handle: ([id], body) => {
        const refund = found(store.refunds, "refund", id);
        settleRefund(account, noCall, refund, settleSchema.parse(body).outcome);
        return refund;
      },
    },
    {
      method: "POST",
      path: "/_emulator/sessions/:id/expire",
      handle: ([id]) => {
        const session = found(store.sessions, "checkout.session", id);
        expireSession(account, noCall, session);
        return session;
      },
    },
    {
      method: "POST",
      path: "/_emulator/reset",
      handle: () => {
        parts.reset();
        return {};
      },
    },
  ];
}

function found<T>(objects: ReadonlyMap<string, T>, noun: string, id = ""): T {
  const object = objects.get(id);
  if (object === undefined) throw noSuch(noun, id, "id");
  return object;
}

function problem(status: number, message: string): LocalAnswer {
  return jsonAnswer(status, { error: { message } });
}
