import {
  type AccessTokenSubject,
  accessTokenAlgorithm,
  signAccessToken,
  type TokenAudience,
} from "@foyer/auth/access-token";
import type { JSONWebKeySet } from "@foyer/contracts/users/jwks";
import type { Clock } from "@foyer/kernel/clock";
import { type CryptoKey, importJWK } from "jose";
import * as z from "zod";

/** Port for the signing of access tokens. */
export interface TokenSigner {
  /** All keys that tokens of ours may carry, public parts only. */
  publicKeys(): JSONWebKeySet;
  sign(subject: AccessTokenSubject): Promise<string>;
}

const base64Url = /^[A-Za-z0-9_-]{43}$/;
const signingKeysSchema = z
  .array(
    z.object({
      kty: z.literal("OKP"),
      crv: z.literal("Ed25519"),
      x: z.string().regex(base64Url),
      d: z.string().regex(base64Url),
      kid: z.string().min(1).max(64),
    }),
  )
  .min(1)
  .refine((keys) => new Set(keys.map((key) => key.kid)).size === keys.length, { error: "Key ids repeat" });
type SigningKeys = z.infer<typeof signingKeysSchema>;

/**
 * Signs with the first of the configured keys and publishes all of them: a new key is first appended, later moved to the
 * front, and the old one is removed when its last token has expired. The secret is read at its first use, and what is wrong
 * with it is told without telling it.
 */
export function createTokenSigner(signingKeys: string | undefined, audience: TokenAudience, clock: Clock): TokenSigner {
  let parsed: SigningKeys | undefined;
  let imported: { readonly key: CryptoKey; readonly kid: string } | undefined;

  function keys(): SigningKeys {
    parsed ??= parse(signingKeys);
    return parsed;
  }

  return {
    publicKeys: () => ({
      keys: keys().map(({ kty, crv, x, kid }) => ({ kty, crv, x, kid, alg: accessTokenAlgorithm, use: "sig" })),
    }),
    async sign(subject) {
      if (imported === undefined) {
        const [first] = keys();
        if (first === undefined) throw new Error("SIGNING_KEYS is empty");
        const key = await importJWK({ ...first }, accessTokenAlgorithm);
        if (key instanceof Uint8Array) throw new TypeError("SIGNING_KEYS holds a symmetric key");
        imported = { key, kid: first.kid };
      }
      return signAccessToken(subject, { ...audience, ...imported, nowMs: clock.nowMs() });
    },
  };
}

function parse(signingKeys: string | undefined): SigningKeys {
  let json: unknown;
  try {
    json = JSON.parse(signingKeys ?? "");
  } catch {
    throw new Error("SIGNING_KEYS is not JSON"); // the parser's own words would quote the secret
  }
  const result = signingKeysSchema.safeParse(json);
  if (!result.success) {
    throw new Error(`SIGNING_KEYS: ${result.error.issues.map((issue) => issue.path.join(".")).join(", ")} not valid`);
  }
  return result.data;
}
