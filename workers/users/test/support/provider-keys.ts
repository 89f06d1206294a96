/** Key pair that signs ID tokens in these tests; the stand-in for the providers publishes its public part. No deployment uses it. */
export const providerJwk = {
  kty: "EC",
  crv: "P-256",
  x: "Nwyg7NEq1rDqsDwJgO5zXUql9YHBF7uHXxwLXMw1heg",
  y: "sYktnh4p8kYpzJXIXUnBVpCDnVDZx1y6A1CFVmdHpps",
  d: "lvA3k1-xO0DnLdilZ2ZIhUnBo8dn2PFVvTdPysPPr6I",
  kid: "provider-1",
} as const;

/** A key pair that no provider publishes. */
export const foreignJwk = {
  kty: "EC",
  crv: "P-256",
  x: "AZBH2Tb4Y_GfVFHf2OUdJa85DYXX0w84eWOwgzPNc5k",
  y: "Tst_tzYBAvpLndmroRDbzMc5ggkQXZTvpQNjdpPT5gI",
  d: "sAtUqpSt_k-XHCq3NJ0wXy3MfhQElkxaqLELVtBEbBQ",
} as const;

/** What our client at Apple signs its secrets with, as it is configured, and the public part. */
export const appleKey = [
  "-----BEGIN PRIVATE KEY-----",
  "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgfXYbqA2ZX2RENRvs",
  "GIMS8tpLoLNRRhDEmeQILtGa5rOhRANCAAT7uLK3EaLDxywHdhXG0QXw+jmednpC",
  "8ofUh6+wp8nbuH4QWmakxTO8QqT0N1SiBAWZTAagUUuma6fqkQoR2XIy",
  "-----END PRIVATE KEY-----",
].join("\n");
export const applePublicJwk = {
  kty: "EC",
  crv: "P-256",
  x: "-7iytxGiw8csB3YVxtEF8Po5nnZ6QvKH1IevsKfJ27g",
  y: "fhBaZqTFM7xCpPQ3VKIEBZlMBqBRS6Zrp-qRChHZcjI",
} as const;

const endpoints = (provider: string) => ({
  clientId: `client-of-${provider}`,
  authorizationEndpoint: `https://${provider}.example/authorize`,
  tokenEndpoint: `https://${provider}.example/token`,
  issuer: `https://${provider}.example`,
});
const jwksUri = (provider: string) => ({ jwksUri: `https://${provider}.example/keys` });

/** The providers as the worker of these tests is configured with them. */
export const testProviders = {
  google: { ...endpoints("google"), ...jwksUri("google") },
  facebook: { ...endpoints("facebook"), ...jwksUri("facebook") },
  apple: { ...endpoints("apple"), ...jwksUri("apple"), teamId: "TEAM000001", keyId: "KEY0000001" },
  microsoft: {
    ...endpoints("microsoft"),
    ...jwksUri("microsoft"),
    issuer: "https://microsoft.example/{tenantid}/v2.0",
  },
  github: { ...endpoints("github"), apiUrl: "https://github.example/api" },
} as const;

export const testProviderSecrets = {
  google: "secret-of-google",
  facebook: "secret-of-facebook",
  apple: appleKey,
  microsoft: "secret-of-microsoft",
  github: "secret-of-github",
} as const;

/** Addresses at which sign-ins may end. */
export const redirectUris = [
  "https://shop.example/signed-in",
  "https://shop.example/signed-in?from=a%20b",
  "com.example.shop:/signed-in",
] as const;
