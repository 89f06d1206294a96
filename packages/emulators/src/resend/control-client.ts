import type { SentMail } from "./mails.ts";

/** What can go wrong with sending: refused for haste, refused as Resend's own failure, never answered (nor sent). */
export const mailEffects = ["429", "500", "timeout"] as const;
export type MailEffect = (typeof mailEffects)[number];

/** What a test, the demo or a developer may do with a running Resend beside calling its API. */
export interface ResendControl {
  /** `http://127.0.0.1:<port>`; `/inbox` is a page for people. */
  readonly url: string;
  /** Every mail that was accepted, oldest first. */
  readonly listMails: () => Promise<readonly SentMail[]>;
  /** Lets the next calls that send fail, once where no count is named. Replaces what was ordered before. */
  readonly failNext: (effect: MailEffect, count?: number) => Promise<void>;
}

/** The control over a Resend emulator at this address, which may run in another process. */
export function createResendControl(url: string): ResendControl {
  const send = async (path: string, init?: RequestInit): Promise<unknown> => {
    const response = await fetch(`${url}/_emulator${path}`, init);
    const text = await response.text();
    if (!response.ok) throw new Error(`/_emulator${path} answered ${response.status}: ${text}`);
    return JSON.parse(text);
  };
  return {
    url,
    // Both ends are this package: what readMails returns is what arrives.
    listMails: async () => (await send("/mails")) as readonly SentMail[],
    failNext: async (effect, count = 1) => {
      await send("/failures", { method: "POST", body: JSON.stringify({ effect, count }) });
    },
  };
}
