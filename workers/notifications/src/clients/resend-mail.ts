import { limits } from "@foyer/kernel/limits";
import { describeError, type Logger } from "@foyer/telemetry/logger";
import * as z from "zod";
import type { Mail, Mailbox } from "../domain/mail.ts";
import type { MailSender, SendOutcome } from "../service/ports.ts";

export interface ResendOptions {
  /** Origin of the API, without a slash at the end. */
  readonly apiUrl: string;
  readonly apiKey: string;
  readonly from: Mailbox;
  readonly log: Logger;
  readonly timeoutMs?: number;
  /** Waits between two tries of one call. */
  readonly pause?: (ms: number) => Promise<void>;
}

const sentSchema = z.object({ id: z.string().max(200) });
const errorSchema = z.object({ name: z.string().max(100) });
const pauseMs = 250;

/**
 * Resend over HTTP (https://resend.com/docs/api-reference/emails/send-email). A call that fails at once is tried again a few
 * times under the same idempotency key, which Resend keeps for a day; one that is limited or times out is left to the queue.
 */
export function createResendMailer(options: ResendOptions): MailSender {
  const pause = options.pause ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
  return {
    provider: "resend",
    async send(mail, idempotencyKey) {
      for (let attempt = 1; ; attempt += 1) {
        const { outcome, again } = await sendOnce(options, mail, idempotencyKey);
        if (!again || attempt >= limits.outsideCallAttemptsMax) return outcome;
        await pause(pauseMs * 2 ** (attempt - 1) * (0.5 + Math.random()));
      }
    },
  };
}

/** One call. `again` is set where a further one within the same second may succeed. */
async function sendOnce(
  { apiUrl, apiKey, from, log, timeoutMs = limits.outsideCallTimeoutMs }: ResendOptions,
  mail: Mail,
  idempotencyKey: string,
): Promise<{ readonly outcome: SendOutcome; readonly again: boolean }> {
  try {
    const response = await fetch(`${apiUrl}/emails`, {
      method: "POST",
      headers: {
        authorization: `Bearer ${apiKey}`,
        "content-type": "application/json",
        "idempotency-key": idempotencyKey,
        "user-agent": "foyer",
      },
      body: JSON.stringify({
        from: from.name === "" ? from.email : `${from.name} <${from.email}>`,
        to: [mail.to],
        subject: mail.subject,
        text: mail.text,
        html: mail.html,
        // RFC 3834: answers to this from machines are not wanted.
        headers: { "Auto-Submitted": "auto-generated" },
      }),
      // The key goes to the configured origin and nowhere else.
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    const body: unknown = await response.json().catch(() => null);
    if (response.ok) {
      // An answer without an id is still an acceptance.
      const sent = sentSchema.safeParse(body);
      return { outcome: { kind: "sent", providerMessageId: sent.success ? sent.data.id : null }, again: false };
    }
    const outcome = judge(response.status, body);
    log.warn("mail provider", { provider: "resend", status: response.status, errorClass: outcome.errorClass });
    return { outcome, again: response.status >= 500 };
  } catch (thrown) {
    const late = thrown instanceof Error && thrown.name === "TimeoutError";
    log.warn("mail provider", { provider: "resend", ...describeError(thrown) });
    return { outcome: { kind: "failed", errorClass: late ? "timeout" : "network" }, again: !late };
  }
}

/**
 * What an answer that is no success means (https://resend.com/docs/api-reference/errors). Keys and domains that are not
 * accepted (401, 403), missing routes and redirects are the operator's to mend, so the mail waits for that. A key that was used with
 * another body (409) may have sent the mail as it read before: a person has to look, and no second one goes out by itself.
 */
function judge(status: number, body: unknown): Extract<SendOutcome, { kind: "failed" | "refused" }> {
  const named = errorSchema.safeParse(body);
  const errorClass = named.success && /^[a-z_]{1,60}$/.test(named.data.name) ? named.data.name : `http_${status}`;
  const refused =
    status === 400 || status === 413 || status === 422 || status === 451 || errorClass === "invalid_idempotent_request";
  return { kind: refused ? "refused" : "failed", errorClass };
}
