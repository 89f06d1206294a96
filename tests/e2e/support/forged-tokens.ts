import { generateKeyPairSync } from "node:crypto";
import { decodeJwt, decodeProtectedHeader, type JWTHeaderParameters, SignJWT } from "jose";
import { openSigningKey } from "../../../scripts/platform/signing-key.ts";
import type { World } from "./world.ts";

interface Change {
  readonly header?: Partial<JWTHeaderParameters>;
  readonly claims?: Readonly<Record<string, unknown>>;
}

/**
 * Tokens made from a genuine one: `genuine` is signed anew by the deployment's own key and must be accepted, which proves that
 * the others, each with one thing wrong, are refused for that thing.
 */
export async function forgeTokens(
  world: World,
  token: string,
): Promise<{ readonly genuine: string; readonly forged: Readonly<Record<string, string>> }> {
  const { key: ownKey, publicKey } = await openSigningKey(world.platform, world.secrets);
  const claims = decodeJwt(token);
  const header = { ...decodeProtectedHeader(token), alg: "EdDSA" };
  const strangeKey = generateKeyPairSync("ed25519").privateKey;
  const sign = (change: Change, key: Parameters<SignJWT["sign"]>[0] = ownKey): Promise<string> =>
    new SignJWT({ ...claims, ...change.claims }).setProtectedHeader({ ...header, ...change.header }).sign(key);
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const [head = "", , signature = ""] = token.split(".");
  const nowSeconds = Math.floor(Date.now() / 1_000);
  const publicBytes = Buffer.from(publicKey, "base64url");
  return {
    genuine: await sign({}),
    forged: {
      "not a token": "nonsense",
      "an empty token": "",
      "algorithm none": `${encode({ ...header, alg: "none" })}.${encode(claims)}.`,
      "HMAC with the public key": await sign({ header: { alg: "HS256" } }, publicBytes),
      "HMAC with the public key's text": await sign(
        { header: { alg: "HS256" } },
        Buffer.from(publicKey.padEnd(64, "=")),
      ),
      "a stranger's key under our key's id": await sign({}, strangeKey),
      "a stranger's key under an id of their own": await sign({ header: { kid: "stranger" } }, strangeKey),
      "a path as key id": await sign({ header: { kid: "../../../../dev/null" } }),
      "a statement as key id": await sign({ header: { kid: "x' OR '1'='1" } }),
      "a key of the token's own": await sign(
        { header: { kid: "stranger", jwk: { kty: "OKP", crv: "Ed25519", x: publicKey } } },
        strangeKey,
      ),
      "keys at an address of the token's own": await sign(
        { header: { kid: "stranger", jku: `${world.emulators.stripe.url}/keys` } },
        strangeKey,
      ),
      "another type of token": await sign({ header: { typ: "JWT" } }),
      "an extension that must be understood": `${encode({ ...header, crit: ["exp"] })}.${encode(claims)}.${signature}`,
      "longer than ours live": await sign({ claims: { exp: nowSeconds + 86_400, iat: nowSeconds - 3_600 } }),
      expired: await sign({ claims: { iat: nowSeconds - 3_600, exp: nowSeconds - 2_700 } }),
      "not valid yet": await sign({ claims: { nbf: nowSeconds + 3_600 } }),
      "another audience": await sign({ claims: { aud: "elsewhere" } }),
      "another issuer": await sign({ claims: { iss: "https://elsewhere.example" } }),
      "no user": await sign({ claims: { sub: "" } }),
      "another kind of subject": await sign({ claims: { sub: "org_00000000000000000000000000" } }),
      "claims changed under an old signature": `${head}.${encode({ ...claims, adm: true })}.${signature}`,
    },
  };
}
