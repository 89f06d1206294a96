import { randomSecret } from "@foyer/kernel/encoding";
import { type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import type { BaseAccount } from "../accounts.ts";
import type { IdTokenEffect } from "../control/faults.ts";
import type { IdTokenRules, TokenFacts } from "../profile.ts";
import type { ProviderState } from "../provider-state.ts";

/** Far enough in the past that no allowance for clocks that differ reaches it. */
const expiredForSeconds = 3_600;

/** Signs the ID token of a grant; null where a fault takes it away. */
export async function makeIdToken<A extends BaseAccount>(
  state: ProviderState<A>,
  rules: IdTokenRules<A>,
  facts: TokenFacts<A>,
  nonce: string | null,
): Promise<string | null> {
  const effect = state.faults.takeIdToken(state.profile.name);
  if (effect === "missing_id_token") return null;
  const claims: JWTPayload = {
    iss: rules.issuer(state.base(), facts.account),
    sub: rules.subject(facts),
    aud: facts.clientId,
    iat: facts.nowSeconds,
    exp: facts.nowSeconds + rules.ttlSeconds,
    ...rules.claims(facts),
    ...(nonce === null ? {} : { nonce }),
    ...wrongClaims(state, rules, facts, effect),
  };
  return sign(state, claims, effect);
}

function wrongClaims<A extends BaseAccount>(
  { profile, base }: ProviderState<A>,
  rules: IdTokenRules<A>,
  { account, nowSeconds }: TokenFacts<A>,
  effect: IdTokenEffect | null,
): JWTPayload {
  switch (effect) {
    case "wrong_nonce":
      return { nonce: randomSecret() };
    case "wrong_audience":
      return { aud: profile.newClientId() };
    case "wrong_issuer":
      return { iss: rules.otherIssuer(base(), account) };
    case "expired":
      return { iat: nowSeconds - rules.ttlSeconds - expiredForSeconds, exp: nowSeconds - expiredForSeconds };
    default:
      return {};
  }
}

async function sign<A extends BaseAccount>(
  { keys, foreignKey }: ProviderState<A>,
  claims: JWTPayload,
  effect: IdTokenEffect | null,
): Promise<string> {
  const own = await keys.current();
  const header = { alg: "RS256", kid: own.kid, typ: "JWT" };
  switch (effect) {
    case "alg_none":
      return new UnsecuredJWT(claims).encode();
    case "hs256_public_key": {
      // What a verifier computes that takes the algorithm from the token and the key from the provider.
      const secret = new TextEncoder().encode(own.publicKey.export({ type: "spki", format: "pem" }).toString());
      return new SignJWT(claims).setProtectedHeader({ ...header, alg: "HS256" }).sign(secret);
    }
    case "foreign_key": {
      const foreign = await foreignKey();
      return new SignJWT(claims).setProtectedHeader({ ...header, kid: foreign.kid }).sign(foreign.privateKey);
    }
    case "foreign_signature":
      return new SignJWT(claims).setProtectedHeader(header).sign((await foreignKey()).privateKey);
    default:
      return new SignJWT(claims).setProtectedHeader(header).sign(own.privateKey);
  }
}
