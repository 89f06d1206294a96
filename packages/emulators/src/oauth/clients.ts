import { createPublicKey, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { randomSecret } from "@foyer/kernel/encoding";

/** How a client proves that it is itself: by a text that both know, or by what its private key has signed. */
export type Credential =
  | { readonly kind: "secret"; readonly secret: string }
  | {
      readonly kind: "signed";
      readonly teamId: string;
      readonly keyId: string;
      /** PKCS #8 in PEM: what the client holds. The emulator keeps it only to hand it out with the settings. */
      readonly privatePem: string;
      readonly publicKey: KeyObject;
    };

/** An application that is registered with a provider. */
export interface Client {
  readonly clientId: string;
  readonly credential: Credential;
  /** Compared as texts; nothing that merely looks alike will do. */
  readonly redirectUris: ReadonlySet<string>;
  /** Whether a request without a challenge is refused. */
  readonly pkceRequired: boolean;
}

/** A fresh secret of 256 bits. */
export function newSecretCredential(): Credential {
  return { kind: "secret", secret: randomSecret() };
}

/** A fresh P-256 key with ids as Apple gives them: ten capitals and digits. */
export function newSignedCredential(): Credential {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return {
    kind: "signed",
    teamId: randomBytes(5).toString("hex").toUpperCase(),
    keyId: randomBytes(5).toString("hex").toUpperCase(),
    privatePem: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    publicKey: createPublicKey(privateKey),
  };
}
