import type { FlowSecrets } from "../../clients/providers/identity-providers.ts";
import type { Deps } from "../../deps.ts";

/**
 * What a flow shows its provider. Verifier and nonce are computed from the state under a key that only this worker has, each under a
 * label of its own: whoever reads the database has neither, and whoever sees the state in a browser's history cannot compute them.
 */
export async function flowSecrets(deps: Pick<Deps, "linkSecrets">, state: string): Promise<FlowSecrets> {
  const [verifier, nonce] = await Promise.all([
    deps.linkSecrets.secretOf("oauth_verifier", state),
    deps.linkSecrets.secretOf("oauth_nonce", state),
  ]);
  return { state, verifier, nonce };
}
