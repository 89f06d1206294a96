import { required } from "@foyer/kernel/assert";
import { importJWK } from "jose";
import { createVault } from "../../workers/users/src/clients/vault.ts";
import type { Secrets } from "./secrets.ts";
import type { Platform } from "./start.ts";

/** A deployment's key, opened with its secrets. */
export interface OpenedSigningKey {
  readonly kid: string;
  /** `x` of its JWK. */
  readonly publicKey: string;
  readonly key: Exclude<Awaited<ReturnType<typeof importJWK>>, Uint8Array>;
}

/** The key that a local deployment signs with, for load runs and tests that make tokens of their own by the hundred. */
export async function openSigningKey(platform: Platform, secrets: Secrets): Promise<OpenedSigningKey> {
  // The first look makes the first key.
  await (await fetch(`${platform.url}/.well-known/jwks.json`)).body?.cancel();
  const db = await platform.database("users");
  const row = await db
    .prepare(
      "SELECT kid, public_key AS publicKey, private_key AS sealed FROM signing_keys ORDER BY activates_at_ms LIMIT 1",
    )
    .first<{ kid: string; publicKey: string; sealed: string }>();
  const { kid, publicKey, sealed } = required(row, "users has a signing key");
  const d = await createVault(secrets.users?.ENCRYPTION_KEYS).open(sealed, `signing_keys ${kid}`);
  const key = await importJWK({ kty: "OKP", crv: "Ed25519", x: publicKey, d }, "EdDSA");
  if (key instanceof Uint8Array) throw new TypeError("a signing key is a key pair");
  return { kid, publicKey, key };
}
