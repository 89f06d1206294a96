import type { PersonalData } from "@foyer/auth/personal-data";
import type { CallContext, UserActor } from "@foyer/contracts/shared/actor";
import { type Clock, toRfc3339 } from "@foyer/kernel/clock";
import { limits } from "@foyer/kernel/limits";
import { maskAddress } from "@foyer/kernel/mail-addresses";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { AddressedDelivery, DeliveryRepository, Users } from "./ports.ts";
import { eachMailTo } from "./recipients.ts";
import { systemCall } from "./system-call.ts";

/** What is kept here of people's doings and not given. */
const withheld = {
  mailTexts: "What mails said: it is kept nowhere.",
};

/** Everything that notifications keeps about the caller: which mails went to their address in the last months, {@link limits.exportRowsMax} at most, the newest. */
export async function exportPersonalData(
  deps: { readonly users: Users; readonly deliveries: DeliveryRepository; readonly clock: Clock },
  call: CallContext & { readonly actor: UserActor },
): Promise<Result<PersonalData>> {
  const { userId } = call.actor;
  const contacts = await deps.users.getContacts(systemCall(call.requestId), { userIds: [userId] });
  if (!contacts.ok) return contacts;
  const [contact] = contacts.value;
  if (contact === undefined) return fail("auth.invalid_token", "This account exists no more.");
  const { email: address, emailVerified: isProven } = contact;
  const found: AddressedDelivery[] = [];
  await eachMailTo(deps, { address, isProven, untilMs: deps.clock.nowMs() }, async (mails) => {
    found.push(...mails);
    return found.length <= limits.exportRowsMax;
  });
  const recipient = maskAddress(address);
  return ok({
    mails: found.slice(0, limits.exportRowsMax).map(({ id, kind, status, createdAtMs, sentAtMs }) => ({
      id,
      kind,
      recipient,
      status,
      createdAt: toRfc3339(createdAtMs),
      sentAt: sentAtMs === null ? null : toRfc3339(sentAtMs),
    })),
    cutShort: found.length > limits.exportRowsMax ? ["mails"] : [],
    withheld,
  });
}
