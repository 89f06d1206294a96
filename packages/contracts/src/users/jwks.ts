/** JSON Web Key Set (RFC 7517 section 5) with the members that our keys have. */
export interface JSONWebKeySet {
  readonly keys: readonly PublicJwk[];
}

/** A public Ed25519 signing key (RFC 8037). */
export interface PublicJwk {
  readonly kty: "OKP";
  readonly crv: "Ed25519";
  readonly x: string;
  readonly kid: string;
  readonly alg: "EdDSA";
  readonly use: "sig";
}
