import type { Assertion, RegistrationResponse } from "@foyer/contracts/users/api/second-factors";
import { fromBase64Url, toBase64Url } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import { describeError, type Logger } from "@foyer/telemetry/logger";
import { knownTransports, type Transport, userHandleOf } from "../domain/passkeys.ts";
import type { RelyingParty } from "../domain/relying-party.ts";

/** A credential that was just made. */
export interface MadeCredential {
  /** As the authenticator named it, base64url. */
  readonly credentialId: string;
  /** COSE key, base64url. */
  readonly publicKey: string;
  readonly counter: number;
  /** Backed up by its provider. */
  readonly backedUp: boolean;
  readonly transports: readonly Transport[];
}

/** A credential that is known. */
export interface KnownCredential {
  readonly credentialId: string;
  readonly publicKey: string;
}

/** Port for the protocol between browsers and authenticators (WebAuthn level 3). */
export interface WebAuthn {
  /** Options that make a new passkey for this account, on none of the authenticators that have one. Challenges are base64url. */
  registrationOptions(
    owner: { readonly id: string; readonly email: string; readonly name: string },
    known: readonly { readonly credentialId: string; readonly transports: readonly Transport[] }[],
    challenge: string,
  ): Promise<{ readonly challenge: string }>;
  /** Options that let anybody show whatever passkey they have here. */
  assertionOptions(challenge: string): Promise<{ readonly challenge: string }>;
  /** What was made in answer to a challenge, on a page of ours, by somebody who was there and proved it; null for anything else. */
  verifyRegistration(response: RegistrationResponse, challenge: string): Promise<MadeCredential | null>;
  /** What an authenticator says with its signature in answer to a challenge, likewise; null for anything else. */
  verifyAssertion(
    assertion: Assertion,
    challenge: string,
    credential: KnownCredential,
  ): Promise<{ readonly counter: number; readonly backedUp: boolean } | null>;
}

/** EdDSA, ES256, and RS256 for Windows Hello on older machines (COSE algorithm ids). */
const algorithms = [-8, -7, -257];
const timeoutMs = limits.challengeTtlSeconds * 1000;
/** WebAuthn section 7.1, step 25. */
const credentialIdBytesMax = 1_023;

/** Most of the library reads certificates of authenticators. It is bundled, but an isolate that sees no passkey never runs it. */
const load = () => import("@simplewebauthn/server");

/** The protocol by `@simplewebauthn/server`, for one relying party; why an answer is refused goes to the log and to nobody else. */
export function createWebAuthn(relyingParty: () => RelyingParty, log: Logger): WebAuthn {
  /** The library throws for every answer that is not as it must be. */
  async function orRefused<T>(verify: () => Promise<T | null>): Promise<T | null> {
    try {
      return await verify();
    } catch (thrown) {
      const { error } = describeError(thrown);
      log.info("passkey refused", { reason: error });
      return null;
    }
  }

  return {
    async registrationOptions(owner, known, challenge) {
      const { generateRegistrationOptions } = await load();
      const { id, name } = relyingParty();
      return generateRegistrationOptions({
        rpID: id,
        rpName: name,
        userID: bytesOf(userHandleOf(owner.id)),
        userName: owner.email,
        userDisplayName: owner.name,
        challenge: bytesOf(challenge),
        timeout: timeoutMs,
        attestationType: "none",
        excludeCredentials: known.map(({ credentialId, transports }) => ({
          id: credentialId,
          transports: [...transports],
        })),
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        supportedAlgorithmIDs: algorithms,
      });
    },

    async assertionOptions(challenge) {
      const { generateAuthenticationOptions } = await load();
      return generateAuthenticationOptions({
        rpID: relyingParty().id,
        challenge: bytesOf(challenge),
        timeout: timeoutMs,
        userVerification: "required",
      });
    },

    async verifyRegistration({ id, rawId, type, response }, challenge) {
      const { verifyRegistrationResponse } = await load();
      const { id: expectedRPID, origins } = relyingParty();
      return orRefused(async () => {
        const { clientDataJSON, attestationObject, transports = [] } = response;
        const { verified, registrationInfo } = await verifyRegistrationResponse({
          response: {
            id,
            rawId,
            type,
            clientExtensionResults: {},
            response: { clientDataJSON, attestationObject: await withoutStatement(attestationObject) },
          },
          expectedChallenge: challenge,
          expectedOrigin: [...origins],
          expectedRPID,
          requireUserVerification: true,
          supportedAlgorithmIDs: algorithms,
        });
        if (!verified || registrationInfo === undefined) return null;
        const { credential, credentialBackedUp: backedUp } = registrationInfo;
        const { publicKey, counter } = credential;
        const isNamedRight = credential.id === id && bytesOf(id).length <= credentialIdBytesMax;
        if (!isNamedRight) throw new TypeError("the credential is not the one that the response names");
        return {
          credentialId: id,
          publicKey: toBase64Url(publicKey),
          counter,
          backedUp,
          transports: knownTransports(transports),
        };
      });
    },

    async verifyAssertion({ id, rawId, type, response }, challenge, { credentialId, publicKey }) {
      const { verifyAuthenticationResponse } = await load();
      const { id: expectedRPID, origins } = relyingParty();
      return orRefused(async () => {
        const { clientDataJSON, authenticatorData, signature } = response;
        const { verified, authenticationInfo } = await verifyAuthenticationResponse({
          response: {
            id,
            rawId,
            type,
            clientExtensionResults: {},
            response: { clientDataJSON, authenticatorData, signature },
          },
          expectedChallenge: challenge,
          expectedOrigin: [...origins],
          expectedRPID,
          requireUserVerification: true,
          // Nought, because the library would look at the counter before the signature: only what is signed may be believed.
          credential: { id: credentialId, publicKey: bytesOf(publicKey), counter: 0 },
        });
        if (!verified) return null;
        return { counter: authenticationInfo.newCounter, backedUp: authenticationInfo.credentialBackedUp };
      });
    },
  };
}

/**
 * The attestation object without what the authenticator says of its maker. We ask for no such statement and trust none; to read one would mean
 * to parse certificates, and to fetch lists from addresses that are written in them.
 */
async function withoutStatement(attestationObject: string): Promise<string> {
  const { isoCBOR } = await import("@simplewebauthn/server/helpers");
  const decoded: unknown = isoCBOR.decodeFirst(bytesOf(attestationObject));
  const authData: unknown = decoded instanceof Map ? decoded.get("authData") : undefined;
  if (!(authData instanceof Uint8Array)) throw new TypeError("the attestation object has no authenticator data");
  const none = new Map<string, string | Map<string, never> | Uint8Array>([
    ["fmt", "none"],
    ["attStmt", new Map<string, never>()],
    ["authData", authData],
  ]);
  return toBase64Url(isoCBOR.encode(none));
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = fromBase64Url(text);
  if (bytes === null) throw new TypeError("not base64url");
  return bytes;
}
