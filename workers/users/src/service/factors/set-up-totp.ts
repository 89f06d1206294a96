import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { totpPlace, totpUri } from "../../domain/totp.ts";
import type { UsersCall } from "../call.ts";
import { requireVerifiedOwner } from "./require-owner.ts";

/** A secret for an authenticator app, which counts once it is confirmed. */
export interface TotpSetup {
  /** Base32. */
  readonly secret: string;
  readonly uri: string;
}

export const totpEnabled = fail("users.totp_enabled", "An authenticator app is set up already; remove it first.");

/**
 * Makes the secret of an authenticator app for the caller; an earlier one that was not confirmed is void. Nothing is asked of anybody until
 * a first code has shown that the app has it. `users.email_not_verified`, `users.totp_enabled`.
 */
export async function setUpTotp(deps: Deps, call: UsersCall): Promise<Result<TotpSetup>> {
  const nowMs = deps.clock.nowMs();
  const owner = await requireVerifiedOwner(deps, call, nowMs);
  if (!owner.ok) return owner;
  const { id, email } = owner.value;
  const secret = deps.factorSecrets.newTotpSecret();
  const sealed = await deps.vault.seal(secret, totpPlace(id));
  const outcome = await deps.store.commit([deps.factors.putTotp(id, sealed, nowMs)], ["totp_changed"]);
  if (outcome === "totp_changed") return totpEnabled;
  return ok({ secret, uri: totpUri(secret, deps.relyingParty().name, email) });
}
