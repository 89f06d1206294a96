import type { UserId } from "@foyer/kernel/ids";
import type { MailDeps } from "./ports.ts";
import { eachMailTo } from "./recipients.ts";
import { systemCall } from "./system-call.ts";

/** Forgets to whom the mails of an erased person went; may be repeated. Throws where users has no answer: again, later. */
export async function forgetRecipient(
  deps: Pick<MailDeps, "users" | "deliveries">,
  { userId, requestId }: { readonly userId: UserId; readonly requestId: string },
): Promise<void> {
  const due = await deps.users.getErasure(systemCall(requestId), { userId });
  if (!due.ok) {
    // It is over: all have answered, this worker too.
    if (due.error.code === "users.erasure_unknown") return;
    throw new Error(`users: ${due.error.code}`);
  }
  const { email, emailVerified, requestedAtMs } = due.value;
  await eachMailTo(deps, { address: email, isProven: emailVerified, untilMs: requestedAtMs }, async (mails) => {
    await deps.deliveries.forgetRecipients(mails.map(({ id }) => id));
    return true;
  });
}
