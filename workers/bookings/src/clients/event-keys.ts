import { createHmac } from "node:crypto";
import { assert, required } from "@foyer/kernel/assert";
import { equalInConstantTime, fromBase64Url, toBase64Url } from "@foyer/kernel/encoding";
import { type EventId, eventIdOf, type OrderId, type ReservationId } from "@foyer/kernel/ids";
import { codeText, parseCode, type TicketCode } from "../domain/ticket-code.ts";

/** The public half of the key that an event's ticket codes are signed with (RFC 8037). */
export interface PublicTicketKey {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
}

/**
 * Secrets of reservations and orders, and signatures of ticket codes. All are derived from one secret of the deployment and
 * the event's id, and computed when they are shown, so that nothing secret is stored, queued or logged.
 */
export interface EventKeys {
  secretOf(id: ReservationId | OrderId): string;
  /** Whether this text is the secret of that reservation or order. */
  proves(id: ReservationId | OrderId, secret: string | undefined): boolean;
  /** The code that the door scans; the same for the same ticket and version, always. */
  sign(code: TicketCode): Promise<string>;
  /** Reads a code of any event of this deployment; null where it was not signed by us. */
  verify(text: string): Promise<TicketCode | null>;
  publicKey(eventId: EventId): Promise<PublicTicketKey>;
}

/** Events whose keys an isolate remembers; deriving one again costs microseconds. */
const rememberedMax = 500;
const secretCharsMin = 32;
/** PKCS #8 wrapping of a raw Ed25519 private key (RFC 8410 section 7). */
const pkcs8Prefix = Uint8Array.from([
  0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
]);

interface SigningKeys {
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly jwk: PublicTicketKey;
}

/** Keys under the deployment's secret. Throws at once where that is missing or too short to be one. */
export function createEventKeys(deploymentSecret: string | undefined): EventKeys {
  const secret = required(deploymentSecret, "BOOKINGS_SECRET is not set");
  assert(secret.length >= secretCharsMin, `BOOKINGS_SECRET is shorter than ${secretCharsMin} characters`);
  const holderKeys = new Map<EventId, Buffer>();
  const signingKeys = new Map<EventId, SigningKeys>();

  function derive(purpose: string, eventId: EventId): Buffer {
    return createHmac("sha256", secret).update(`${purpose}:${eventId}`).digest();
  }

  function remember<T>(map: Map<EventId, T>, eventId: EventId, value: T): T {
    if (map.size >= rememberedMax) map.clear();
    map.set(eventId, value);
    return value;
  }

  function secretOf(id: ReservationId | OrderId): string {
    const eventId = eventIdOf(id);
    const key = holderKeys.get(eventId) ?? remember(holderKeys, eventId, derive("holder", eventId));
    return createHmac("sha256", key).update(id).digest("base64url");
  }

  async function signing(eventId: EventId): Promise<SigningKeys> {
    const known = signingKeys.get(eventId);
    if (known !== undefined) return known;
    const der = new Uint8Array([...pkcs8Prefix, ...derive("ticket-signing", eventId)]);
    const privateKey = await crypto.subtle.importKey("pkcs8", der, { name: "Ed25519" }, true, ["sign"]);
    const exported = await crypto.subtle.exportKey("jwk", privateKey);
    assert(!(exported instanceof ArrayBuffer) && exported.x !== undefined, "an Ed25519 key has a public half");
    const jwk = { kty: "OKP", crv: "Ed25519", x: exported.x } as const;
    const publicKey = await crypto.subtle.importKey("jwk", jwk, { name: "Ed25519" }, true, ["verify"]);
    return remember(signingKeys, eventId, { privateKey, publicKey, jwk });
  }

  return {
    secretOf,
    proves: (id, shown) => shown !== undefined && equalInConstantTime(shown, secretOf(id)),
    sign: async (code) => {
      const text = codeText(code);
      const { privateKey } = await signing(eventIdOf(code.ticketId));
      const signature = await crypto.subtle.sign({ name: "Ed25519" }, privateKey, new TextEncoder().encode(text));
      return `${text}.${toBase64Url(new Uint8Array(signature))}`;
    },
    verify: async (text) => {
      const parsed = parseCode(text);
      const signature = parsed === null ? null : fromBase64Url(parsed.signature);
      if (parsed === null || signature === null) return null;
      const { publicKey } = await signing(eventIdOf(parsed.ticketId));
      const signed = new TextEncoder().encode(parsed.signed);
      if (!(await crypto.subtle.verify({ name: "Ed25519" }, publicKey, signature, signed))) return null;
      return { ticketId: parsed.ticketId, codeVersion: parsed.codeVersion };
    },
    publicKey: async (eventId) => (await signing(eventId)).jwk,
  };
}
