import type { MailKind } from "@foyer/contracts/notifications/api";
import { sha256Hex } from "@foyer/kernel/encoding";
import type { MessageId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { maskAddress } from "@foyer/kernel/mail-addresses";
import type { AddressedDelivery, DeliveryRepository } from "./ports.ts";

/** What is kept of a mail's address so that the mail goes out once. It differs from mail to mail, so it cannot be searched for. */
export function hashRecipient(messageId: MessageId, address: string): Promise<string> {
  return sha256Hex(`${messageId}\n${address}`);
}

/** Mails about the account itself. Under an address that nobody has proven to be theirs, only these are the account's. */
const accountKinds: ReadonlySet<MailKind> = new Set([
  "verify_email",
  "reset_password",
  "confirm_email_change",
  "notice",
]);

/** Whose mails are looked for. */
export interface Recipient {
  readonly address: string;
  /** Whether it was proven to be theirs. */
  readonly isProven: boolean;
  /** What was sent later is another's, who has the address now; epoch milliseconds. */
  readonly untilMs: number;
}

/**
 * Does something with a person's mails, page by page, newest first; it goes on while it is answered with true. Nothing that is kept leads from an
 * address to its mails: those that look alike when they are masked are tried one by one.
 */
export async function eachMailTo(
  deps: { readonly deliveries: DeliveryRepository },
  recipient: Recipient,
  act: (mails: readonly AddressedDelivery[]) => Promise<boolean>,
): Promise<void> {
  const { address, untilMs } = recipient;
  const limit = limits.mailsComparedAtOnceMax;
  let before: readonly [createdAtMs: number, id: string] | null = null;
  for (;;) {
    const page: readonly AddressedDelivery[] = await deps.deliveries.listMasked({
      masked: maskAddress(address),
      untilMs,
      limit,
      before,
    });
    const own = await ownOf(page, recipient);
    if (own.length > 0 && !(await act(own))) return;
    const last = page.at(-1);
    if (page.length < limit || last === undefined) return;
    before = [last.createdAtMs, last.id];
  }
}

async function ownOf(
  page: readonly AddressedDelivery[],
  { address, isProven }: Recipient,
): Promise<readonly AddressedDelivery[]> {
  const possible = page.filter(({ kind }) => isProven || accountKinds.has(kind));
  const hashes = await Promise.all(possible.map(({ messageId }) => hashRecipient(messageId, address)));
  return possible.filter(({ recipientHash }, index) => recipientHash === hashes[index]);
}
