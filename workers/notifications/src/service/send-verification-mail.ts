import type { Envelope } from "@foyer/contracts/messages/envelope";
import { PermanentFailure } from "@foyer/messaging/consumer";
import { verificationMail, verificationUrl } from "../domain/templates.ts";
import { deliverMail } from "./deliver-mail.ts";
import type { MailDeps } from "./ports.ts";
import { systemCall } from "./system-call.ts";

/**
 * Mails the link that proves an address. The link's secret and the address are asked of users only now. A link that was used,
 * replaced or has expired meanwhile, and a user who is gone or needs no proof any more, get no mail.
 */
export async function sendVerificationMail(
  deps: MailDeps,
  message: Envelope<"user.verification_requested">,
): Promise<readonly D1PreparedStatement[]> {
  const { userId, tokenId } = message.payload;
  const call = systemCall(message.requestId);
  const token = await deps.users.getSingleUseToken(call, { tokenId });
  if (!token.ok) {
    if (token.error.code !== "users.token_invalid") throw new Error(`users: ${token.error.code}`);
    deps.log.info("verification no longer needed", { messageId: message.id, reason: token.error.code });
    return [];
  }
  if (token.value.purpose !== "verify_email" || token.value.userId !== userId) {
    throw new PermanentFailure("the token is not one that verifies this user's address");
  }
  const contacts = await deps.users.getContacts(call, { userIds: [userId] });
  if (!contacts.ok) throw new Error(`users: ${contacts.error.code}`);
  const contact = contacts.value.find((candidate) => candidate.userId === userId);
  if (contact === undefined || contact.emailVerified) {
    deps.log.info("verification no longer needed", {
      messageId: message.id,
      reason: contact === undefined ? "no such user" : "verified already",
    });
    return [];
  }
  const content = verificationMail({
    url: verificationUrl(deps.publicUrl, token.value.token),
    expiresAtMs: Date.parse(token.value.expiresAt),
  });
  return deliverMail(deps, { messageId: message.id, kind: "verify_email", to: contact.email, content });
}
