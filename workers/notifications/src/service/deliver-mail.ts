import type { MailKind } from "@foyer/contracts/notifications/api";
import { secondMs } from "@foyer/kernel/clock";
import type { MessageId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { maskAddress } from "@foyer/kernel/mail-addresses";
import { PermanentFailure } from "@foyer/messaging/consumer";
import { isMailAddress, type MailContent } from "../domain/mail.ts";
import type { MailDeps, SendOutcome } from "./ports.ts";
import { hashRecipient } from "./recipients.ts";

/**
 * Sends one mail once: claim its row, send under a key made from the row, note that it went out together with the message's
 * inbox row. A message that comes again finds the row settled and sends nothing. A sender that dies between sending and
 * noting leaves the row queued; when its lease has ended the mail is sent again under the same key, so a provider that knows
 * keys sends it once and any other may send it twice. Twice is the better mistake: these mails carry tickets.
 *
 * Throws where the queue is to try again, and `PermanentFailure` where that cannot help.
 */
export async function deliverMail(
  deps: MailDeps,
  input: {
    readonly messageId: MessageId;
    readonly kind: MailKind;
    readonly to: string;
    readonly content: MailContent;
    /** The last mail to somebody who is forgotten: nothing of where it goes is kept. */
    readonly isLast?: boolean;
  },
): Promise<readonly D1PreparedStatement[]> {
  const { messageId, kind, to, content, isLast = false } = input;
  const provider = deps.mailer.provider;
  const nowMs = deps.clock.nowMs();
  const claim = await deps.deliveries.claim(
    {
      messageId,
      kind,
      recipientHash: await hashRecipient(messageId, isLast ? "" : to),
      recipientMasked: isLast ? "" : maskAddress(to),
      provider,
    },
    nowMs,
    nowMs + limits.mailLeaseSeconds * secondMs,
  );
  if (claim.state === "settled") return [];
  if (claim.state === "held") throw new Error("another sender holds this mail");

  // A refused try was certainly not sent, and a provider may remember the refusal under its key: the next is a new one.
  const key = claim.refusals === 0 ? claim.id : `${claim.id}.${claim.refusals}`;
  const outcome: SendOutcome = isMailAddress(to)
    ? await deps.mailer.send({ to, ...content }, key)
    : { kind: "refused", errorClass: "invalid_address" };
  deps.metrics.count(`mail.${outcome.kind}`, { kind, provider });
  deps.log.info("mail", {
    messageId,
    deliveryId: claim.id,
    kind,
    provider,
    attempts: claim.attempts,
    outcome: outcome.kind,
    errorClass: outcome.kind === "sent" ? null : outcome.errorClass,
  });

  const doneMs = deps.clock.nowMs();
  switch (outcome.kind) {
    case "sent":
    case "suppressed":
      return [deps.deliveries.settle(claim.id, outcome, doneMs)];
    case "refused":
      await deps.deliveries.release(claim.id, outcome, doneMs);
      throw new PermanentFailure(`mail refused: ${outcome.errorClass}`);
    case "failed":
      await deps.deliveries.release(claim.id, outcome, doneMs);
      throw new Error(`mail not sent: ${outcome.errorClass}`);
  }
}
