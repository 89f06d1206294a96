import type { Deps } from "../../deps.ts";
import type { StoredSigningKey } from "../../repository/signing-keys.ts";
import { makeSigningKey, sealedPlace } from "./make-signing-key.ts";

type KeyDeps = Pick<Deps, "clock" | "vault" | "keyMaker" | "store" | "signingKeys">;

/** All signing keys. A deployment that has none makes its first; of several isolates at once, one does. */
export async function loadSigningKeys(deps: KeyDeps): Promise<StoredSigningKey[]> {
  const keys = await deps.signingKeys.list();
  if (keys.length > 0) return keys;
  const nowMs = deps.clock.nowMs();
  await deps.store.commit([deps.signingKeys.insertFirst(await makeSigningKey(deps, nowMs, nowMs))]);
  return deps.signingKeys.list();
}

/** The private part of a key. Throws where it cannot be opened. */
export function openSigningKey(deps: Pick<KeyDeps, "vault">, key: StoredSigningKey): Promise<string> {
  return deps.vault.open(key.privateKey, sealedPlace(key.kid));
}
