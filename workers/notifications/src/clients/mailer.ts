import type { Logger } from "@foyer/telemetry/logger";
import { parseMailbox } from "../domain/mail.ts";
import type { Env } from "../env.ts";
import type { MailSender } from "../service/ports.ts";
import { createCloudflareMailer } from "./cloudflare-mail.ts";
import { createResendMailer } from "./resend-mail.ts";

/** The mail provider that the configuration names, or what is wrong with the configuration. */
export function chooseMailer(
  env: Pick<Env, "MAIL_PROVIDER" | "MAIL_FROM" | "EMAIL" | "RESEND_API_URL" | "RESEND_API_KEY">,
  log: Logger,
): { readonly mailer: MailSender; readonly fault: string | null } {
  const from = parseMailbox(env.MAIL_FROM);
  if (from === null) return faulty("MAIL_FROM is not `Name <address>`");
  switch (env.MAIL_PROVIDER) {
    case "cloudflare":
      return { mailer: createCloudflareMailer(env.EMAIL, from, log), fault: null };
    case "resend": {
      const apiKey = env.RESEND_API_KEY ?? "";
      if (apiKey === "") return faulty("RESEND_API_KEY is not set");
      if (!/^https?:\/\/[^/?#]+(?:\/[^?#]*)?$/.test(env.RESEND_API_URL)) return faulty("RESEND_API_URL is not a URL");
      const apiUrl = env.RESEND_API_URL.replace(/\/+$/, "");
      return { mailer: createResendMailer({ apiUrl, apiKey, from, log }), fault: null };
    }
    default:
      return faulty("MAIL_PROVIDER is neither `cloudflare` nor `resend`");
  }
}

/** Mails wait while the configuration is wrong, and readiness says so. */
function faulty(fault: string): { readonly mailer: MailSender; readonly fault: string } {
  return {
    mailer: { provider: "none", send: async () => ({ kind: "failed", errorClass: "configuration" }) },
    fault,
  };
}
