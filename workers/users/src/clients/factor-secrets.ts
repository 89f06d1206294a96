import { assert } from "@foyer/kernel/assert";
import { hmacSha256 } from "@foyer/kernel/encoding";
import { limits } from "@foyer/kernel/limits";
import { Secret } from "otpauth";
import { formatRecoveryCode, recoveryCodeBytes } from "../domain/recovery-codes.ts";

/** Port for the secrets of second factors. */
export interface FactorSecrets {
  /** A fresh secret for an authenticator app, base32. */
  newTotpSecret(): string;
  /** A fresh set of recovery codes, as they are shown. */
  newRecoveryCodes(): string[];
  /** The form in which a user's recovery code is stored; `code` in its canonical form. */
  hashOfRecoveryCode(userId: string, code: string): Promise<string>;
}

/** As long as the hash that the codes are made with (RFC 4226 section 4). */
const totpSecretBytes = 20;
const keyCharsMin = 32;

const randomBytes = (count: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(count));

/**
 * Recovery codes are stored as HMAC under a key that only this worker has, together with their user: whoever reads the database can neither
 * guess at them nor move one to another account.
 */
export function createFactorSecrets(key: string | undefined): FactorSecrets {
  return {
    newTotpSecret: () => new Secret({ buffer: randomBytes(totpSecretBytes).buffer }).base32,
    newRecoveryCodes: () =>
      Array.from({ length: limits.recoveryCodesCount }, () => formatRecoveryCode(randomBytes(recoveryCodeBytes))),
    hashOfRecoveryCode(userId, code) {
      assert((key?.length ?? 0) >= keyCharsMin, `SINGLE_USE_TOKEN_SECRET has at least ${keyCharsMin} characters`);
      return hmacSha256(key ?? "", `recovery_code\n${userId}\n${code}`);
    },
  };
}
