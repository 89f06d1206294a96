import { createLogger } from "@foyer/telemetry/logger";
import { describe, expect, test } from "vitest";
import { createCloudflareMailer } from "../../src/clients/cloudflare-mail.ts";
import { emailError, fakeEmail } from "../support.ts";

const mail = { to: "buyer@example.com", subject: "Your tickets", text: "Hello", html: "<p>Hello</p>" };
const from = { name: "Foyer", email: "tickets@foyer.example" };
const log = createLogger("test", { write: () => {} });

describe("a send over the binding", () => {
  test("passes fields, never a message written by hand", async () => {
    const { binding, mails } = fakeEmail();
    const outcome = await createCloudflareMailer(binding, from, log).send(mail, "dlv_1");
    expect(outcome).toEqual({ kind: "sent", providerMessageId: "<1@foyer.example>" });
    expect(mails).toEqual([
      { from, ...mail, headers: { "Auto-Submitted": "auto-generated", "X-Foyer-Delivery": "dlv_1" } },
    ]);
  });

  test("without a sender's name passes the bare address", async () => {
    const { binding, mails } = fakeEmail();
    await createCloudflareMailer(binding, { name: "", email: from.email }, log).send(mail, "dlv_1");
    expect(mails[0]?.from).toBe(from.email);
  });

  test.each([
    ["E_VALIDATION_ERROR", "refused"],
    ["E_FIELD_MISSING", "refused"],
    ["E_TOO_MANY_RECIPIENTS", "refused"],
    ["E_RECIPIENT_NOT_ALLOWED", "refused"],
    ["E_CONTENT_TOO_LARGE", "refused"],
    ["E_HEADER_NOT_ALLOWED", "refused"],
    ["E_RECIPIENT_SUPPRESSED", "suppressed"],
    ["E_SENDER_NOT_VERIFIED", "failed"],
    ["E_SENDER_DOMAIN_NOT_AVAILABLE", "failed"],
    ["E_DELIVERY_FAILED", "failed"],
    ["E_RATE_LIMIT_EXCEEDED", "failed"],
    ["E_DAILY_LIMIT_EXCEEDED", "failed"],
    ["E_INTERNAL_SERVER_ERROR", "failed"],
    ["E_SOMETHING_NEW", "failed"],
  ])("that throws %s has %s, after one try", async (code, kind) => {
    for (const thrown of [emailError(code), new Error(`${code}: for buyer@example.com`)]) {
      const { binding, calls } = fakeEmail(() => {
        throw thrown;
      });
      expect(await createCloudflareMailer(binding, from, log).send(mail, "dlv_1")).toEqual({ kind, errorClass: code });
      expect(calls()).toBe(1);
    }
  });

  test.each([new Error("connection lost"), "text", undefined])("that throws %s has failed", async (thrown) => {
    const { binding } = fakeEmail(() => {
      throw thrown;
    });
    const outcome = await createCloudflareMailer(binding, from, log).send(mail, "dlv_1");
    expect(outcome).toEqual({ kind: "failed", errorClass: "unknown" });
  });

  test("without an answer ends in time", async () => {
    const { binding } = fakeEmail(() => new Promise(() => {}));
    const outcome = await createCloudflareMailer(binding, from, log, 20).send(mail, "dlv_1");
    expect(outcome).toEqual({ kind: "failed", errorClass: "timeout" });
  });
});
