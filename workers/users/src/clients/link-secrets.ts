import { assert } from "@foyer/kernel/assert";
import { hmacSha256, sha256Hex } from "@foyer/kernel/encoding";

/** Port for the secret part of single-use links. */
export interface LinkSecrets {
  /** The secret of a link, computed from its token's id and purpose. */
  secretOf(purpose: string, tokenId: string): Promise<string>;
  /** The form in which a secret is stored. */
  hashOf(secret: string): Promise<string>;
}

const keyCharsMin = 32;

/** Link secrets as HMAC under a key that only this worker has, so that neither database nor queues hold a usable link. */
export function createLinkSecrets(key: string | undefined): LinkSecrets {
  return {
    secretOf(purpose, tokenId) {
      assert((key?.length ?? 0) >= keyCharsMin, `SINGLE_USE_TOKEN_SECRET has at least ${keyCharsMin} characters`);
      return hmacSha256(key ?? "", `${purpose}\n${tokenId}`);
    },
    hashOf: sha256Hex,
  };
}
