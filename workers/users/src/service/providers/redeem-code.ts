import { requireSelf } from "@foyer/auth/guards";
import { sha256Base64Url, sha256Hex } from "@foyer/kernel/encoding";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { mayRedeem, type OAuthFlow } from "../../domain/oauth-flow.ts";
import type { Identity } from "../../repository/identities.ts";
import type { UsersCall } from "../call.ts";
import type { Admission } from "../sessions/admit.ts";
import { linkIdentity } from "./link-identity.ts";
import { signInByIdentity } from "./sign-in-by-identity.ts";

/** What came of a sign-in at a provider. */
export type Redeemed =
  | { readonly kind: "admitted"; readonly admission: Admission }
  | { readonly kind: "linked"; readonly identity: Identity };

const codeInvalid = fail(
  "users.oauth_code_invalid",
  "This code was used, has expired, or is another client's; begin anew.",
);

/**
 * Redeems a one-time code, by whoever began: the client shows the verifier of its challenge, or the browser its cookie. So a code that
 * leaked from an address is worth nothing elsewhere, and is still good here (`users.oauth_code_invalid`). To link, the caller is
 * signed in as whoever began (`auth.required`). Once all that holds the code is used up, whatever comes of it.
 */
export async function redeemCode(
  deps: Deps,
  call: UsersCall,
  input: {
    readonly code: string;
    readonly codeVerifier?: string | undefined;
    readonly browserSecret: string | undefined;
  },
): Promise<Result<Redeemed>> {
  const { code, codeVerifier, browserSecret } = input;
  const nowMs = deps.clock.nowMs();
  const [found, browserHash, challenge] = await Promise.all([
    sha256Hex(code).then((hash) => deps.oauthFlows.findReturned(hash, nowMs)),
    browserSecret === undefined ? null : sha256Hex(browserSecret),
    codeVerifier === undefined ? null : sha256Base64Url(codeVerifier),
  ]);
  if (found === null || !mayRedeem(found.flow, { browserHash, challenge })) return codeInvalid;
  const { flow, claims } = found;
  const linker = flow.userId === null ? ok(null) : requireLinker(call, flow);
  if (!linker.ok) return linker;
  if (!(await deps.oauthFlows.redeem(flow.stateHash, nowMs))) return codeInvalid;

  if (flow.userId !== null) {
    const linked = await linkIdentity(deps, call, flow.userId, claims);
    return linked.ok ? ok({ kind: "linked", identity: linked.value }) : linked;
  }
  const admitted = await signInByIdentity(deps, call, claims, flow.mode);
  return admitted.ok ? ok({ kind: "admitted", admission: admitted.value }) : admitted;
}

function requireLinker(call: UsersCall, flow: OAuthFlow): Result<null> {
  const actor = requireSelf(call.actor);
  if (!actor.ok) return actor;
  return actor.value.userId === flow.userId ? ok(null) : codeInvalid;
}
