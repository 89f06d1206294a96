/** Key pair that signs tokens in tests. It is public, and no deployment uses it. */
export const testSigningJwk = {
  kty: "OKP",
  crv: "Ed25519",
  d: "CG8yrV1D4q9Gf97od3rWTl0xr39LXwKdc2DASdaZZo0",
  x: "rogWU5VVOXYYLg-JhNP8WsxRvKhqCWZjEX25YHPKAKY",
  kid: "test-1",
} as const;
