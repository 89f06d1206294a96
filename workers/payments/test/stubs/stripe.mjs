import { WorkerEntrypoint } from "cloudflare:workers";

// Stands in for Stripe's API, as far as payments uses it, with state and with faults on demand.
const intents = new Map();
const sessions = new Map();
const refunds = new Map();
const answered = new Map(); // idempotency key -> { print, status, body }
const calls = [];
let faults = [];

const id = (prefix) => `${prefix}_${crypto.randomUUID().replaceAll("-", "")}`;
const nowSeconds = () => Math.floor(Date.now() / 1000);

function parse(text) {
  const result = {};
  for (const [key, value] of new URLSearchParams(text)) {
    const path = key.replaceAll("]", "").split("[");
    let at = result;
    for (const part of path.slice(0, -1)) at = at[part] ??= {};
    at[path.at(-1)] = value;
  }
  return result;
}

class ApiError extends Error {
  constructor(status, error) {
    super(error.message);
    this.answer = { status, body: { error } };
  }
}
const refuse = (message, more = {}) => new ApiError(400, { type: "invalid_request_error", message, ...more });
const absent = (what) =>
  new ApiError(404, { type: "invalid_request_error", code: "resource_missing", message: `No such ${what}` });

function newIntent(body) {
  const intent = {
    id: id("pi"),
    object: "payment_intent",
    amount: Number(body.amount),
    amount_received: 0,
    currency: body.currency,
    status: "requires_payment_method",
    metadata: body.metadata ?? {},
    last_payment_error: null,
    created: nowSeconds(),
  };
  intent.client_secret = `${intent.id}_secret_x`;
  intents.set(intent.id, intent);
  return intent;
}

function found(map, key, what) {
  const object = map.get(key);
  if (object === undefined) throw absent(what);
  return object;
}

const routes = {
  "POST /v1/payment_intents": (body) => {
    if (Number(body.amount) < 50) throw refuse("Amount must be at least 50", { code: "amount_too_small" });
    return newIntent(body);
  },
  "GET /v1/payment_intents/:id": (_, key) => found(intents, key, "payment_intent"),
  "POST /v1/payment_intents/:id/cancel": (_, key) => {
    const intent = found(intents, key, "payment_intent");
    if (["succeeded", "canceled", "processing"].includes(intent.status)) {
      throw refuse("You cannot cancel this PaymentIntent", { code: "payment_intent_unexpected_state" });
    }
    intent.status = "canceled";
    return intent;
  },
  "POST /v1/checkout/sessions": (body) => {
    const lines = Object.values(body.line_items ?? {});
    const total = lines.reduce((sum, line) => sum + Number(line.quantity) * Number(line.price_data.unit_amount), 0);
    if (total < 50) throw refuse("Amount must be at least 50", { code: "amount_too_small" });
    if (Number(body.expires_at) < nowSeconds() + 1800) throw refuse("expires_at must be at least 30 minutes away");
    const session = {
      id: id("cs"),
      object: "checkout.session",
      status: "open",
      payment_status: "unpaid",
      amount_total: total,
      currency: lines[0].price_data.currency,
      metadata: body.metadata ?? {},
      payment_intent: null,
      success_url: body.success_url,
      cancel_url: body.cancel_url,
      expires_at: Number(body.expires_at),
      intentMetadata: body.payment_intent_data?.metadata ?? {},
      lines,
    };
    session.url = `https://checkout.stripe.test/${session.id}`;
    sessions.set(session.id, session);
    return session;
  },
  "GET /v1/checkout/sessions/:id": (_, key, query) => {
    const session = found(sessions, key, "checkout.session");
    if (!query.has("expand[0]") || session.payment_intent === null) return session;
    return { ...session, payment_intent: intents.get(session.payment_intent) };
  },
  "POST /v1/checkout/sessions/:id/expire": (_, key) => {
    const session = found(sessions, key, "checkout.session");
    if (session.status !== "open") throw refuse("Only open sessions can be expired");
    session.status = "expired";
    session.url = null;
    return session;
  },
  "POST /v1/refunds": (body) => {
    const intent = found(intents, body.payment_intent, "payment_intent");
    const taken = [...refunds.values()].filter(
      (refund) => refund.payment_intent === intent.id && refund.status !== "failed",
    );
    const left = intent.amount_received - taken.reduce((sum, refund) => sum + refund.amount, 0);
    if (left === 0) throw refuse("Already refunded", { code: "charge_already_refunded" });
    if (Number(body.amount) > left) throw refuse("Larger than what is left");
    const refund = {
      id: id("re"),
      object: "refund",
      amount: Number(body.amount),
      currency: intent.currency,
      payment_intent: intent.id,
      status: intent.metadata.refundsPend ? "pending" : "succeeded",
      metadata: body.metadata ?? {},
    };
    refunds.set(refund.id, refund);
    return refund;
  },
  "GET /v1/refunds/:id": (_, key) => found(refunds, key, "refund"),
  "GET /v1/refunds": (_, __, query) => ({
    object: "list",
    url: "/v1/refunds",
    has_more: false,
    data: [...refunds.values()].filter((refund) => refund.payment_intent === query.get("payment_intent")),
  }),
};

function route(method, pathname) {
  const parts = pathname.split("/");
  for (const [pattern, handler] of Object.entries(routes)) {
    const [verb, path] = pattern.split(" ");
    const shape = path.split("/");
    if (verb !== method || shape.length !== parts.length) continue;
    if (shape.every((part, index) => part === ":id" || part === parts[index])) {
      return { handler, pattern, key: parts[shape.indexOf(":id")] };
    }
  }
  return null;
}

const json = (status, body, headers = {}) =>
  Response.json(body, { status, headers: { "request-id": id("req"), ...headers } });

function takeFault(pattern) {
  const fault = faults.find((candidate) => candidate.times > 0 && candidate.on === pattern);
  if (fault !== undefined) fault.times -= 1;
  return fault?.kind ?? null;
}

async function answer(request) {
  const url = new URL(request.url);
  const text = new TextDecoder().decode(await request.arrayBuffer());
  const matched = route(request.method, url.pathname);
  if (!request.headers.get("authorization")?.startsWith("Bearer sk_"))
    return json(401, { error: { type: "invalid_request_error", message: "no key" } });
  if (matched === null) return json(404, { message: "Not Found" }); // without `error`, as an emulator may answer
  calls.push({ pattern: matched.pattern, text, key: request.headers.get("idempotency-key") });
  const fault = takeFault(matched.pattern);
  if (fault === "500") return json(500, { error: { type: "api_error", message: "broken" } });
  if (fault === "in_use")
    return json(409, {
      error: { type: "idempotency_error", code: "idempotency_key_in_use", message: "still running" },
    });
  if (fault === "429")
    return json(429, { error: { type: "invalid_request_error", code: "rate_limit", message: "too many" } });
  if (fault === "other") return json(404, { message: "Not Found" });
  if (fault === "html") return new Response("<html>bad gateway</html>", { status: 502 });
  if (fault === "500_kept" && request.method === "POST") {
    // Stripe keeps the first answer under a key, whatever it is, and replays it.
    const print = `${url.pathname}\n${text}`;
    answered.set(request.headers.get("idempotency-key"), {
      status: 500,
      body: { error: { type: "api_error", message: "kept" } },
      print,
    });
  }
  const replayed = request.method === "POST" && answered.has(request.headers.get("idempotency-key"));
  const done = perform(request, url, text, matched);
  if (fault === "timeout_after_success") await new Promise((resolve) => setTimeout(resolve, 2500));
  if (fault === "500_after_success") return json(500, { error: { type: "api_error", message: "broken" } });
  return json(
    done.status,
    done.body,
    replayed ? { "idempotent-replayed": "true", "stripe-should-retry": "false" } : {},
  );
}

function perform(request, url, text, { handler, key }) {
  const idempotencyKey = request.method === "POST" ? request.headers.get("idempotency-key") : null;
  const print = `${url.pathname}\n${text}`;
  const known = idempotencyKey === null ? undefined : answered.get(idempotencyKey);
  if (known !== undefined) {
    if (known.print === print) return known;
    return { status: 400, body: { error: { type: "idempotency_error", message: "other parameters under this key" } } };
  }
  let done;
  try {
    done = { status: 200, body: structuredClone(handler(parse(text), key, url.searchParams)) };
  } catch (thrown) {
    if (!(thrown instanceof ApiError)) throw thrown;
    done = thrown.answer;
  }
  if (idempotencyKey !== null) answered.set(idempotencyKey, { ...done, print });
  return done;
}

function event(type, object) {
  return {
    id: id("evt"),
    object: "event",
    api_version: "2026-10-28.endive",
    created: nowSeconds(),
    livemode: false,
    pending_webhooks: 1,
    request: { id: null, idempotency_key: null },
    type,
    data: { object: structuredClone(object) },
  };
}

function intentOf(session) {
  if (session.payment_intent !== null) return intents.get(session.payment_intent);
  const intent = newIntent({
    amount: session.amount_total,
    currency: session.currency,
    metadata: session.intentMetadata,
  });
  session.payment_intent = intent.id;
  return intent;
}

export default class extends WorkerEntrypoint {
  fetch(request) {
    return answer(request);
  }

  /** The buyer pays. Returns the events that Stripe would send, in Stripe's order. */
  async testPay(objectId, { state = "succeeded", received } = {}) {
    const session = sessions.get(objectId);
    const intent = session === undefined ? found(intents, objectId, "intent") : intentOf(session);
    const events = [];
    if (state === "declined") {
      intent.last_payment_error = { code: "card_declined", decline_code: "insufficient_funds" };
      return [event("payment_intent.payment_failed", intent)];
    }
    if (intent.status !== "processing") events.push(event("payment_intent.created", intent));
    intent.status = state;
    if (state === "succeeded") intent.amount_received = received ?? intent.amount;
    events.push(event(`payment_intent.${state}`, intent));
    if (session !== undefined) {
      const first = session.status === "open";
      session.status = "complete";
      session.url = null;
      session.payment_status = state === "succeeded" ? "paid" : "unpaid";
      if (first) events.push(event("checkout.session.completed", session));
      else if (state === "succeeded") events.push(event("checkout.session.async_payment_succeeded", session));
    }
    return events;
  }
  /** A delayed method fails in the end. */
  async testAsyncFailure(sessionId) {
    const session = sessions.get(sessionId);
    const intent = intentOf(session);
    intent.status = "requires_payment_method";
    intent.last_payment_error = { code: "payment_intent_payment_attempt_failed" };
    return [event("payment_intent.payment_failed", intent), event("checkout.session.async_payment_failed", session)];
  }
  async testExpire(sessionId) {
    const session = sessions.get(sessionId);
    session.status = "expired";
    return [event("checkout.session.expired", session)];
  }
  async testCancel(intentId) {
    intents.get(intentId).status = "canceled";
    return [event("payment_intent.canceled", intents.get(intentId))];
  }
  /** Someone refunds on the dashboard. */
  async testRefundElsewhere(intentId, amount) {
    const intent = intents.get(intentId);
    const refund = {
      id: id("re"),
      object: "refund",
      amount,
      currency: intent.currency,
      payment_intent: intentId,
      status: "succeeded",
      metadata: {},
    };
    refunds.set(refund.id, refund);
    return [
      event("refund.created", refund),
      event("charge.refunded", { id: id("ch"), object: "charge", payment_intent: intentId, metadata: intent.metadata }),
    ];
  }
  async testRefundState(refundId, status) {
    const refund = refunds.get(refundId);
    refund.status = status;
    if (status === "failed") refund.failure_reason = "expired_or_canceled_card";
    return [event(status === "failed" ? "refund.failed" : "refund.updated", refund)];
  }
  async testEvent(type, object) {
    return event(type, object);
  }
  async testPatch(objectId, patch) {
    Object.assign(intents.get(objectId) ?? sessions.get(objectId) ?? refunds.get(objectId), patch);
  }
  async testForgetKeys() {
    answered.clear();
  }
  async testForget(objectId) {
    sessions.delete(objectId);
    intents.delete(objectId);
  }
  async testFault(on, kind, times = 1) {
    faults = faults.filter((fault) => fault.times > 0);
    faults.push({ on, kind, times });
  }
  async testClearFaults() {
    faults = [];
  }
  /** Everything that is kept for one order. */
  async testOfOrder(orderId) {
    const of = (map) => [...map.values()].filter((object) => object.metadata.foyer_order_id === orderId);
    return structuredClone({
      intents: of(intents),
      sessions: of(sessions),
      refunds: of(refunds),
      calls: calls.filter((call) => call.text.includes(orderId)),
    });
  }
}
