import type { Envelope } from "@foyer/contracts/messages/envelope";
import { letterMail } from "../domain/letters.ts";
import { deliverMail } from "./deliver-mail.ts";
import type { MailDeps } from "./ports.ts";
import { systemCall } from "./system-call.ts";

/**
 * Mails a letter about an account. What it says, its address and the secret of its link are asked of users only now. A letter that
 * nobody needs any more, because its link was used, replaced or has run out, gets no mail.
 */
export async function sendLetter(
  deps: MailDeps,
  message: Envelope<"user.letter_due">,
): Promise<readonly D1PreparedStatement[]> {
  const { letterId } = message.payload;
  const letter = await deps.users.getLetter(systemCall(message.requestId), { letterId });
  if (!letter.ok) {
    if (letter.error.code !== "users.letter_void") throw new Error(`users: ${letter.error.code}`);
    deps.log.info("letter no longer needed", { messageId: message.id, letterId });
    return [];
  }
  const { to, subject } = letter.value;
  const content = letterMail(letter.value, deps.publicUrl);
  const isLast = subject.kind === "notice" && subject.notice === "erased";
  return deliverMail(deps, { messageId: message.id, kind: subject.kind, to, content, isLast });
}
