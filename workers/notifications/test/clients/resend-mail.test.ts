import { createLogger } from "@foyer/telemetry/logger";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createResendMailer } from "../../src/clients/resend-mail.ts";
import { deliveryOf, givenOrder, letterOf, orderMessage, worker } from "../support.ts";

const mail = { to: "buyer@example.com", subject: "Your tickets", text: "Hello", html: "<p>Hello</p>" };
const log = createLogger("test", { write: () => {} });

/** Answers each call to Resend with the next of these, the last one for ever. */
function resend(...answers: ((signal: AbortSignal | null | undefined) => Response | Promise<Response>)[]) {
  const requests: { url: string; init: RequestInit }[] = [];
  vi.spyOn(globalThis, "fetch").mockImplementation(async (input, init = {}) => {
    requests.push({ url: String(input), init });
    const answer = answers[Math.min(requests.length, answers.length) - 1];
    if (answer === undefined) throw new TypeError("no answer was given to the test");
    return answer(init.signal);
  });
  const pauses: number[] = [];
  const mailer = createResendMailer({
    apiUrl: "https://mail.example",
    apiKey: "re_test_key",
    from: { name: "Foyer", email: "tickets@foyer.example" },
    log,
    timeoutMs: 50,
    pause: async (ms) => void pauses.push(ms),
  });
  return { mailer, requests, pauses };
}

const accepted = () => Response.json({ id: "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794" });
const refusal = (status: number, name: string) => () =>
  Response.json({ statusCode: status, name, message: `${name}: buyer@example.com` }, { status });
const hang = (signal: AbortSignal | null | undefined) =>
  new Promise<Response>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));

afterEach(() => vi.restoreAllMocks());

describe("a call", () => {
  test("carries the key, the idempotency key and the mail, and follows no redirect", async () => {
    const { mailer, requests } = resend(accepted);
    expect(await mailer.send(mail, "dlv_1")).toEqual({
      kind: "sent",
      providerMessageId: "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794",
    });
    expect(requests).toHaveLength(1);
    expect(requests[0]?.url).toBe("https://mail.example/emails");
    expect(requests[0]?.init).toMatchObject({ method: "POST", redirect: "manual" });
    expect(requests[0]?.init.headers).toMatchObject({
      authorization: "Bearer re_test_key",
      "content-type": "application/json",
      "idempotency-key": "dlv_1",
    });
    expect(JSON.parse(String(requests[0]?.init.body))).toEqual({
      from: "Foyer <tickets@foyer.example>",
      to: ["buyer@example.com"],
      subject: "Your tickets",
      text: "Hello",
      html: "<p>Hello</p>",
      headers: { "Auto-Submitted": "auto-generated" },
    });
  });

  test.each([
    ["no JSON", () => new Response("fine")],
    ["no id", () => Response.json({ ok: true })],
  ])("that is accepted with %s is sent all the same", async (_, answer) => {
    const { mailer, requests } = resend(answer);
    expect(await mailer.send(mail, "dlv_1")).toEqual({ kind: "sent", providerMessageId: null });
    expect(requests).toHaveLength(1);
  });

  test.each([
    [400, "validation_error", "refused"],
    [400, "invalid_idempotency_key", "refused"],
    [401, "missing_api_key", "failed"],
    [403, "invalid_api_key", "failed"],
    [403, "validation_error", "failed"],
    [404, "not_found", "failed"],
    [405, "method_not_allowed", "failed"],
    [409, "invalid_idempotent_request", "refused"],
    [409, "concurrent_idempotent_requests", "failed"],
    [413, "too_large", "refused"],
    [422, "invalid_from_address", "refused"],
    [429, "rate_limit_exceeded", "failed"],
    [429, "daily_quota_exceeded", "failed"],
    [451, "security_error", "refused"],
  ])("answered %i %s has %s, after one try", async (status, name, kind) => {
    const { mailer, requests } = resend(refusal(status, name));
    expect(await mailer.send(mail, "dlv_1")).toEqual({ kind, errorClass: name });
    expect(requests).toHaveLength(1);
  });

  test("answered by a redirect has failed", async () => {
    const { mailer, requests } = resend(
      () => new Response(null, { status: 302, headers: { location: "https://x.example" } }),
    );
    expect(await mailer.send(mail, "dlv_1")).toEqual({ kind: "failed", errorClass: "http_302" });
    expect(requests).toHaveLength(1);
  });

  test("answered with a name that is no word of the API is classed by its status", async () => {
    const { mailer } = resend(refusal(422, "buyer@example.com is <b>bad</b>"));
    expect(await mailer.send(mail, "dlv_1")).toEqual({ kind: "refused", errorClass: "http_422" });
  });

  test("that fails at once is tried again under the same key, with pauses", async () => {
    const { mailer, requests, pauses } = resend(
      refusal(500, "application_error"),
      () => Promise.reject(new TypeError("connection reset")),
      accepted,
    );
    expect(await mailer.send(mail, "dlv_1")).toMatchObject({ kind: "sent" });
    expect(requests.map(({ init }) => new Headers(init.headers).get("idempotency-key"))).toEqual([
      "dlv_1",
      "dlv_1",
      "dlv_1",
    ]);
    expect(pauses).toHaveLength(2);
    expect(Math.max(...pauses)).toBeLessThanOrEqual(750);
  });

  test.each([
    ["a server that fails", refusal(503, "service_unavailable"), "service_unavailable"],
    ["a server that cannot be reached", () => Promise.reject(new TypeError("connection refused")), "network"],
  ])("to %s ends after three tries", async (_, answer, errorClass) => {
    const { mailer, requests } = resend(answer);
    expect(await mailer.send(mail, "dlv_1")).toEqual({ kind: "failed", errorClass });
    expect(requests).toHaveLength(3);
  });

  test("without an answer ends in time and is left to the queue", async () => {
    const { mailer, requests } = resend(hang);
    expect(await mailer.send(mail, "dlv_1")).toEqual({ kind: "failed", errorClass: "timeout" });
    expect(requests).toHaveLength(1);
  });
});

describe("through the queue", () => {
  const over = { MAIL_PROVIDER: "resend", RESEND_API_KEY: "re_test_key", RESEND_API_URL: "https://mail.example/" };

  test("an outage of the provider is retried until the mail is sent, once, under one key", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    const { requests } = resend(refusal(429, "rate_limit_exceeded"), accepted);
    const { deliver } = worker(over);
    expect(await deliver([confirmed])).toEqual({ acked: [], retried: ["q0"] });
    expect(await deliver([confirmed])).toEqual({ acked: ["q0"], retried: [] });
    expect(await deliver([confirmed])).toEqual({ acked: ["q0"], retried: [] });
    const row = await deliveryOf(confirmed.id);
    expect(row).toMatchObject({ status: "sent", provider: "resend", attempts: 2 });
    expect(requests.map(({ init }) => new Headers(init.headers).get("idempotency-key"))).toEqual([row?.id, row?.id]);
    expect(requests[0]?.url).toBe("https://mail.example/emails");
  });

  test("a refusal is a dead letter, and no retry", async () => {
    const confirmed = orderMessage("order.confirmed", await givenOrder());
    const { requests } = resend(refusal(422, "invalid_to_address"));
    expect(await worker(over).deliver([confirmed])).toEqual({ acked: ["q0"], retried: [] });
    expect(requests).toHaveLength(1);
    expect(await deliveryOf(confirmed.id)).toMatchObject({ status: "failed", error_class: "invalid_to_address" });
    expect(await letterOf(confirmed.id)).toMatchObject({ reason: "mail refused: invalid_to_address" });
  });
});
