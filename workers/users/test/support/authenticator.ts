import type { Assertion, RegistrationResponse } from "@foyer/contracts/users/api/second-factors";
import { toBase64Url } from "@foyer/kernel/encoding";
import { type Cbor, encodeCbor } from "./cbor.ts";

/** The parts of `PublicKeyCredentialCreationOptionsJSON` that an authenticator acts on. */
export interface CreationOptions {
  readonly challenge: string;
  readonly rp: { readonly id: string; readonly name: string };
  readonly user: { readonly id: string; readonly name: string; readonly displayName: string };
  readonly pubKeyCredParams: readonly { readonly alg: number }[];
  readonly excludeCredentials: readonly { readonly id: string }[];
  readonly authenticatorSelection: { readonly residentKey: string; readonly userVerification: string };
  readonly attestation: string;
}

/** The parts of `PublicKeyCredentialRequestOptionsJSON` that an authenticator acts on. */
export interface RequestOptions {
  readonly challenge: string;
  readonly rpId: string;
  readonly userVerification: string;
}

/** How an authenticator, its browser, or whoever stands between them may misbehave. */
export interface Quirks {
  readonly type?: string;
  readonly origin?: string;
  readonly crossOrigin?: boolean;
  readonly challenge?: string;
  readonly rpId?: string;
  readonly userPresent?: boolean;
  readonly userVerified?: boolean;
  /** Says that it is backed up, though it can not be. */
  readonly backedUpOnly?: boolean;
  readonly counter?: number;
  /** The name of a credential, in place of its own. */
  readonly credentialId?: string;
  /** Null: none at all. */
  readonly userHandle?: string | null;
  /** Changes what was signed, after it was. */
  readonly tamper?: "signature" | "clientData" | "authenticatorData";
  /** What it says of its maker. */
  readonly statement?: { readonly format: string; readonly parts: Map<string, Cbor> };
  /** COSE algorithm that it says its key is for. */
  readonly algorithm?: number;
}

/** A passkey that lives in memory. */
export interface SoftPasskey {
  readonly credentialId: string;
  readonly userHandle: string;
  /** Signs in answer to a challenge, as `navigator.credentials.get` would. */
  answer(options: RequestOptions, quirks?: Quirks): Promise<Assertion>;
}

/** Where the pages of the tests' deployment are. */
const pageOrigin = "http://localhost:8787";

const flagBits = { present: 0x01, verified: 0x04, canBackUp: 0x08, backedUp: 0x10, attested: 0x40 };
const utf8 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(new TextEncoder().encode(text));

const sha256 = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

function join(...parts: readonly ArrayLike<number>[]): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(parts.flatMap((part) => Array.from(part)));
}

function unsigned(value: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (value / 256 ** (length - 1 - index)) & 0xff);
}

function clientDataOf(type: string, challenge: string, quirks: Quirks): Uint8Array<ArrayBuffer> {
  return utf8(
    JSON.stringify({
      type: quirks.type ?? type,
      challenge: quirks.challenge ?? challenge,
      origin: quirks.origin ?? pageOrigin,
      crossOrigin: quirks.crossOrigin ?? false,
    }),
  );
}

async function authenticatorDataOf(
  rpId: string,
  attested: Uint8Array,
  quirks: Quirks,
): Promise<Uint8Array<ArrayBuffer>> {
  const { userPresent = true, userVerified = true, backedUpOnly = false, counter = 0 } = quirks;
  const flags =
    (userPresent ? flagBits.present : 0) |
    (userVerified ? flagBits.verified : 0) |
    (backedUpOnly ? 0 : flagBits.canBackUp) |
    flagBits.backedUp |
    (attested.length > 0 ? flagBits.attested : 0);
  const rpIdHash = await sha256(utf8(quirks.rpId ?? rpId));
  return join(rpIdHash, [flags], unsigned(counter, 4), attested);
}

/** A signature of two numbers as ASN.1, as authenticators give it (WebAuthn section 6.5.5). */
function toDer(raw: Uint8Array): Uint8Array {
  const integer = (bytes: Uint8Array): Uint8Array => {
    const from = bytes.findIndex((byte) => byte !== 0);
    const significant = bytes.subarray(from === -1 ? bytes.length - 1 : from);
    const padded = (significant[0] ?? 0) >= 0x80 ? join(Uint8Array.of(0), significant) : significant;
    return join(Uint8Array.of(0x02, padded.length), padded);
  };
  const body = join(integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
  return join(Uint8Array.of(0x30, body.length), body);
}

/** A key pair, its public part as COSE has it, and how it signs. */
async function newKey(kind: "ES256" | "Ed25519") {
  const fromJwk = (text: string | undefined): Uint8Array =>
    Uint8Array.from(atob((text ?? "").replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  const parameters = kind === "ES256" ? { name: "ECDSA", namedCurve: "P-256" } : { name: "Ed25519" };
  const made = await crypto.subtle.generateKey(parameters, true, ["sign", "verify"]);
  if (!("privateKey" in made)) throw new TypeError("a key pair is made");
  const exported = await crypto.subtle.exportKey("jwk", made.publicKey);
  if (exported instanceof ArrayBuffer) throw new TypeError("a JWK is an object");
  const x = fromJwk(exported.x);
  const cose = (algorithm: number): Map<number, Cbor> =>
    kind === "ES256"
      ? new Map<number, Cbor>([
          [1, 2],
          [3, algorithm],
          [-1, 1],
          [-2, x],
          [-3, fromJwk(exported.y)],
        ])
      : new Map<number, Cbor>([
          [1, 1],
          [3, algorithm],
          [-1, 6],
          [-2, x],
        ]);
  return {
    cose,
    algorithm: kind === "ES256" ? -7 : -8,
    async sign(data: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
      const how = kind === "ES256" ? { name: "ECDSA", hash: "SHA-256" } : "Ed25519";
      const signature = new Uint8Array(await crypto.subtle.sign(how, made.privateKey, data));
      return kind === "ES256" ? toDer(signature) : signature;
    },
  };
}

function flipLast(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte, index) => (index === bytes.length - 1 ? byte ^ 1 : byte));
}

/** Makes a passkey, as `navigator.credentials.create` would, and the response that registers it. */
export async function makePasskey(
  options: CreationOptions,
  quirks: Quirks = {},
  kind: "ES256" | "Ed25519" = "ES256",
): Promise<{ readonly passkey: SoftPasskey; readonly response: RegistrationResponse }> {
  const key = await newKey(kind);
  const ownId = crypto.getRandomValues(new Uint8Array(32));
  const credentialId = toBase64Url(ownId);
  const userHandle = options.user.id;
  const clientData = clientDataOf("webauthn.create", options.challenge, quirks);
  const publicKey = encodeCbor(key.cose(quirks.algorithm ?? key.algorithm));
  const attested = join(new Uint8Array(16), unsigned(ownId.length, 2), ownId, publicKey);
  const { format = "none", parts = new Map<string, Cbor>() } = quirks.statement ?? {};
  const attestationObject = encodeCbor(
    new Map<string, Cbor>([
      ["fmt", format],
      ["attStmt", parts],
      ["authData", await authenticatorDataOf(options.rp.id, attested, quirks)],
    ]),
  );
  const named = quirks.credentialId ?? credentialId;
  const response: RegistrationResponse = {
    id: named,
    rawId: named,
    type: "public-key",
    clientExtensionResults: {},
    response: {
      clientDataJSON: toBase64Url(clientData),
      attestationObject: toBase64Url(attestationObject),
      transports: ["internal", "hybrid"],
    },
  };

  async function answer(request: RequestOptions, how: Quirks = {}): Promise<Assertion> {
    const data = clientDataOf("webauthn.get", request.challenge, how);
    const authenticatorData = await authenticatorDataOf(request.rpId, new Uint8Array(0), how);
    const signature = await key.sign(join(authenticatorData, await sha256(data)));
    const id = how.credentialId ?? credentialId;
    const handle = how.userHandle === undefined ? userHandle : how.userHandle;
    const told = { signature, clientData: data, authenticatorData };
    const changed = {
      signature: () => ({ ...told, signature: flipLast(signature) }),
      // The same to read, and other bytes.
      clientData: () => ({ ...told, clientData: join(data, utf8(" ")) }),
      authenticatorData: () => ({ ...told, authenticatorData: flipLast(authenticatorData) }),
    };
    const shown = how.tamper === undefined ? told : changed[how.tamper]();
    return {
      id,
      rawId: id,
      type: "public-key",
      clientExtensionResults: {},
      response: {
        clientDataJSON: toBase64Url(shown.clientData),
        authenticatorData: toBase64Url(shown.authenticatorData),
        signature: toBase64Url(shown.signature),
        ...(handle === null ? {} : { userHandle: handle }),
      },
    };
  }
  return { passkey: { credentialId, userHandle, answer }, response };
}
