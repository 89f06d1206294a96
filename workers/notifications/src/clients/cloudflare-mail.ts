import { limits } from "@foyer/kernel/limits";
import type { Logger } from "@foyer/telemetry/logger";
import type { Mailbox } from "../domain/mail.ts";
import type { MailSender, SendOutcome } from "../service/ports.ts";
import { TimeoutError, withTimeout } from "./timeout.ts";

/**
 * Codes of refusals that no repetition changes
 * (https://developers.cloudflare.com/email-service/api/send-emails/workers-api/#error-codes). Every other failure, known or
 * not, is tried again: limits pass, and a sender's domain that is not verified is mended by its operator.
 */
const refusals = new Set([
  "E_VALIDATION_ERROR",
  "E_FIELD_MISSING",
  "E_TOO_MANY_RECIPIENTS",
  "E_RECIPIENT_NOT_ALLOWED",
  "E_CONTENT_TOO_LARGE",
  "E_HEADER_NOT_ALLOWED",
  "E_HEADER_USE_API_FIELD",
  "E_HEADER_VALUE_INVALID",
  "E_HEADER_VALUE_TOO_LONG",
  "E_HEADER_NAME_INVALID",
  "E_HEADERS_TOO_LARGE",
  "E_HEADERS_TOO_MANY",
]);

/**
 * Cloudflare Email Service over its binding. It knows no idempotency keys, so a send without an answer may have happened; it
 * is reported as failed and sent again. The key travels as a header, to find doubles by.
 */
export function createCloudflareMailer(
  binding: SendEmail,
  from: Mailbox,
  log: Logger,
  timeoutMs: number = limits.outsideCallTimeoutMs,
): MailSender {
  return {
    provider: "cloudflare",
    async send(mail, idempotencyKey): Promise<SendOutcome> {
      try {
        const sending = binding.send({
          from: from.name === "" ? from.email : from,
          to: mail.to,
          subject: mail.subject,
          text: mail.text,
          html: mail.html,
          // RFC 3834: answers to this from machines are not wanted.
          headers: { "Auto-Submitted": "auto-generated", "X-Foyer-Delivery": idempotencyKey },
        });
        const { messageId } = await withTimeout(sending, timeoutMs);
        return { kind: "sent", providerMessageId: messageId };
      } catch (thrown) {
        if (thrown instanceof TimeoutError) return { kind: "failed", errorClass: "timeout" };
        const code = codeOf(thrown);
        // Its text may repeat the mail, which belongs in no log.
        const errorType = thrown instanceof Error ? thrown.name : typeof thrown;
        log.warn("mail provider", { provider: "cloudflare", errorClass: code, errorType });
        if (code === "E_RECIPIENT_SUPPRESSED") return { kind: "suppressed", errorClass: code };
        return { kind: refusals.has(code) ? "refused" : "failed", errorClass: code };
      }
    },
  };
}

/** The `E_` code of an error, which is its `code`, or at the head of its message where only that came through. */
function codeOf(thrown: unknown): string {
  if (thrown instanceof Error) {
    const code = "code" in thrown ? thrown.code : undefined;
    const found = /\bE_[A-Z_]{3,60}\b/.exec(typeof code === "string" ? code : thrown.message)?.[0];
    if (found !== undefined) return found;
  }
  return "unknown";
}
