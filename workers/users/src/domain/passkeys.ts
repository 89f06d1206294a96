import { fromBase64Url, toBase64Url } from "@foyer/kernel/encoding";
import * as z from "zod";

/** Ways by which an authenticator is reached (WebAuthn section 5.8.4); what is not on this list is not kept. */
const transports = ["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"] as const;
export type Transport = (typeof transports)[number];

/** The known ones among what a browser says. */
export function knownTransports(said: readonly string[]): Transport[] {
  return transports.filter((transport) => said.includes(transport));
}

/** What an authenticator keeps as the name of the account: opaque, the same for all passkeys of a user, and nothing personal. */
export function userHandleOf(userId: string): string {
  return toBase64Url(new TextEncoder().encode(userId));
}

const clientDataSchema = z.object({ challenge: z.string().min(1), crossOrigin: z.boolean().optional() });

/**
 * The challenge that a browser says it answered. Null where there is none, or where the page that asked was inside of another site's:
 * ours are framed nowhere.
 */
export function answeredChallenge(clientDataJson: string): string | null {
  const bytes = fromBase64Url(clientDataJson);
  if (bytes === null) return null;
  try {
    const parsed = clientDataSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return parsed.success && parsed.data.crossOrigin !== true ? parsed.data.challenge : null;
  } catch {
    return null; // not JSON
  }
}

/**
 * Whether a signature counter goes on from the one that is known (WebAuthn section 6.1.1). One that does not is a sign of a copied authenticator;
 * those that are synced do not count, and always say nought.
 */
export function counterGoesOn(known: number, shown: number): boolean {
  return shown > known || (known === 0 && shown === 0);
}
