import type { Deps } from "../../deps.ts";
import type { StoredSigningKey } from "../../repository/signing-keys.ts";

/** A fresh key that signs from a moment on, its private part sealed for its own id. */
export async function makeSigningKey(
  deps: Pick<Deps, "keyMaker" | "vault">,
  nowMs: number,
  activatesAtMs: number,
): Promise<StoredSigningKey> {
  const { kid, publicKey, privateKey } = await deps.keyMaker();
  return {
    kid,
    publicKey,
    privateKey: await deps.vault.seal(privateKey, sealedPlace(kid)),
    createdAtMs: nowMs,
    activatesAtMs,
  };
}

/** The place that a private key is sealed for. */
export function sealedPlace(kid: string): string {
  return `signing_keys ${kid}`;
}
