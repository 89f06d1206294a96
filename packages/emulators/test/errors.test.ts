import type Stripe from "stripe";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { intentParams, type Running, sessionParams, startWithReceiver } from "./support.ts";

let running: Running;
let client: Stripe;

beforeAll(async () => {
  running = await startWithReceiver();
  client = running.client;
});

afterAll(() => running.stop());

function post(path: string, body: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${running.stripe.url}${path}`, {
    method: "POST",
    headers: {
      authorization: "Bearer sk_test_emulator",
      "content-type": "application/x-www-form-urlencoded",
      ...headers,
    },
    body,
  });
}

describe("what is not emulated", () => {
  it("is an error for the client, never an empty success", async () => {
    await expect(client.customers.create({ email: "buyer@example.com" })).rejects.toMatchObject({
      type: "StripeInvalidRequestError",
      statusCode: 404,
      message: expect.stringContaining("Unrecognized request URL (POST: /v1/customers)."),
    });
    await expect(client.rawRequest("GET", "/v1/payment_intents/pi_1/unknown")).rejects.toMatchObject({
      statusCode: 404,
    });
  });

  it("is refused by name where it is a parameter", async () => {
    await expect(
      client.paymentIntents.create({ ...intentParams, setup_future_usage: "off_session" }),
    ).rejects.toMatchObject({ statusCode: 400, code: "parameter_unknown", param: "setup_future_usage" });
    const nested = "line_items[0][price_data][colour]";
    const response = await post(
      "/v1/checkout/sessions",
      new URLSearchParams({
        success_url: "https://shop.example.com/",
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "eur",
        "line_items[0][price_data][unit_amount]": "900",
        "line_items[0][price_data][product_data][name]": "Ticket",
        [nested]: "red",
      }).toString(),
    );
    expect(await response.json()).toMatchObject({ error: { code: "parameter_unknown", param: nested } });
  });
});

describe("a key", () => {
  it.each([
    ["none", {}, "You did not provide an API key."],
    ["a live one", { authorization: "Bearer sk_live_4242424242424242" }, "Invalid API Key provided: sk_live_****"],
    ["nonsense", { authorization: "Bearer nonsense" }, "Invalid API Key provided: nonsense****"],
  ])("is refused with 401: %s", async (_what, headers, message) => {
    const response = await fetch(`${running.stripe.url}/v1/events`, { headers });
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({
      error: { type: "invalid_request_error", message: expect.stringContaining(message) },
    });
  });

  it("is taken as Basic authentication too, as curl -u sends it", async () => {
    const authorization = `Basic ${Buffer.from("sk_test_emulator:").toString("base64")}`;
    const response = await fetch(`${running.stripe.url}/v1/events`, { headers: { authorization } });
    expect(response.status).toBe(200);
  });
});

describe("parameters", () => {
  it.each<[string, Record<string, string>, string, string | undefined]>([
    ["no amount", { currency: "eur" }, "amount", "parameter_missing"],
    ["a fraction", { amount: "12.5", currency: "eur" }, "amount", "parameter_invalid_integer"],
    ["a negative amount", { amount: "-5000", currency: "eur" }, "amount", "parameter_invalid_integer"],
    ["a huge amount", { amount: "1e20", currency: "eur" }, "amount", "parameter_invalid_integer"],
    ["too little", { amount: "49", currency: "eur" }, "amount", "amount_too_small"],
    ["too much", { amount: "100000000", currency: "eur" }, "amount", "amount_too_large"],
    ["no currency", { amount: "5000" }, "currency", "parameter_missing"],
    ["no such currency", { amount: "5000", currency: "xxx" }, "currency", undefined],
    ["an empty text", { amount: "5000", currency: "eur", description: "" }, "description", "parameter_invalid_empty"],
    ["a table as a text", { amount: "5000", currency: "eur", "description[a]": "b" }, "description", undefined],
    [
      "a long metadata value",
      { amount: "5000", currency: "eur", "metadata[a]": "x".repeat(501) },
      "metadata[a]",
      undefined,
    ],
  ])("are refused by name: %s", async (_what, params, param, code) => {
    const response = await post("/v1/payment_intents", new URLSearchParams(params).toString());
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: Stripe.StripeRawError };
    expect(error).toMatchObject({ type: "invalid_request_error", param });
    expect(error.code).toBe(code);
  });

  it.each([
    ["unbalanced brackets", "metadata[a=1"],
    ["a name without a head", "[a]=1"],
    ["endless nesting", `metadata${"[a]".repeat(20)}=1`],
    ["a prototype's name", "__proto__[polluted]=1"],
  ])("that are malformed are refused: %s", async (_what, body) => {
    const response = await post("/v1/payment_intents", body);
    expect(response.status).toBe(400);
    expect({}).not.toHaveProperty("polluted");
  });

  it("larger than a megabyte are not read", async () => {
    const response = await post("/v1/payment_intents", `description=${"x".repeat(1_100_000)}`);
    expect(response.status).toBe(413);
  });

  it.each<[string, () => Promise<unknown>, string]>([
    ["payment intent", () => client.paymentIntents.retrieve("pi_none"), "No such payment_intent: 'pi_none'"],
    ["session", () => client.checkout.sessions.retrieve("cs_none"), "No such checkout.session: 'cs_none'"],
    ["charge", () => client.charges.retrieve("ch_none"), "No such charge: 'ch_none'"],
    ["refund", () => client.refunds.retrieve("re_none"), "No such refund: 're_none'"],
    ["event", () => client.events.retrieve("evt_none"), "No such event: 'evt_none'"],
  ])("that name a missing %s are answered with 404", async (_what, call, message) => {
    await expect(call()).rejects.toMatchObject({ statusCode: 404, code: "resource_missing", message });
  });

  it("that name no line items, or two currencies, make no session", async () => {
    await expect(client.checkout.sessions.create({ ...sessionParams, line_items: [] })).rejects.toMatchObject({
      param: "line_items",
    });
    const [item] = sessionParams.line_items;
    const other = { quantity: 1, price_data: { currency: "usd", unit_amount: 900, product_data: { name: "Ticket" } } };
    await expect(
      client.checkout.sessions.create({ ...sessionParams, line_items: item === undefined ? [] : [item, other] }),
    ).rejects.toMatchObject({ message: "All line items must have the same currency." });
  });
});
