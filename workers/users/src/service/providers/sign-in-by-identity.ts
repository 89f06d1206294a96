import type { SessionMode } from "@foyer/contracts/users/api/sessions";
import { newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { decideIdentity, type IdentityDecision } from "../../domain/identity-decision.ts";
import { accountName, type ProviderClaims, providerTitles } from "../../domain/providers.ts";
import { newUser } from "../../domain/user.ts";
import type { Write } from "../../repository/database.ts";
import type { Account } from "../../repository/users.ts";
import { planAccount } from "../accounts/register-user.ts";
import type { UsersCall } from "../call.ts";
import { planLink } from "../letters/plan-link.ts";
import { type Admission, admit, enter, type How, refuseSuspended } from "../sessions/admit.ts";
import { untilStored } from "../until-stored.ts";
import { identityLimit, planIdentity } from "./plan-identity.ts";

/** Whom a sign-in lets in, and what is written before they are. */
interface PlannedEntry {
  readonly account: Pick<Account, "user" | "hasSecondFactor">;
  readonly before: readonly Write[];
}

/**
 * Signs in whoever a provider named: to the account that their identity opens; to the one whose verified address the provider vouches
 * for, which is linked; or to a new one. `users.identity_not_linked` where an account has the address and one side has not proven it,
 * `users.provider_address_missing`, `users.email_not_verified`, `users.suspended`, `users.identity_limit`.
 */
export async function signInByIdentity(
  deps: Deps,
  call: UsersCall,
  claims: ProviderClaims,
  mode: SessionMode,
): Promise<Result<Admission>> {
  const how: How = { method: claims.provider, mode };
  return untilStored(async () => {
    const planned = await plan(deps, call, claims);
    if (!planned.ok) return planned;
    const { account, before } = planned.value;
    if (account.hasSecondFactor) return admit(deps, call, account, how, before);
    const allowed = refuseSuspended(deps, account.user);
    if (!allowed.ok) return allowed;
    const conflicts = ["email_taken", "identity_taken", "identity_limit"] as const;
    const entered = await enter(deps, call, account.user, how, before, conflicts);
    if (entered === "identity_limit") return identityLimit;
    // Another request made the account or the link meanwhile, or changed what was looked at.
    return typeof entered === "string" ? "overtaken" : ok({ kind: "signed_in" as const, signedIn: entered });
  });
}

async function plan(deps: Deps, call: UsersCall, claims: ProviderClaims): Promise<Result<PlannedEntry>> {
  const { provider, subject, email } = claims;
  const [known, namesake] = await Promise.all([
    deps.identities.findBySubject(provider, subject),
    email === null ? null : deps.users.findAccountByEmail(email),
  ]);
  const owner = known === null ? null : await deps.users.findAccount(known.userId);
  const decision = decideIdentity(claims, { owner, namesake, isOpenDeployment: deps.revealsEmailTaken });
  const nowMs = deps.clock.nowMs();
  switch (decision.kind) {
    case "refuse":
      return refuse(decision.code, claims);
    case "register":
      return ok(await planNewcomer(deps, call, claims, decision.email, nowMs));
    case "link_by_address": {
      const { account } = decision;
      // Nothing about how one signs in changes before the second factor is shown: whoever has one links for themselves.
      if (account.hasSecondFactor) return ok({ account, before: [] });
      const { user } = account;
      const linked = planIdentity(deps, call, user, claims, "address", nowMs).writes;
      // Only as long as the account is what was decided about: with this address, verified, and no second factor.
      return ok({ account, before: [deps.users.touch(user.id, user.version, nowMs), ...linked] });
    }
    case "sign_in":
      return ok({
        account: decision.account,
        before: known === null ? [] : [deps.identities.use(known.id, email, nowMs)],
      });
  }
}

/** An account of somebody new. The provider's word verifies its address, or else a letter does. */
async function planNewcomer(
  deps: Deps,
  call: UsersCall,
  claims: ProviderClaims,
  email: string,
  nowMs: number,
): Promise<PlannedEntry> {
  const user = newUser(
    newId("user", nowMs),
    {
      email,
      name: accountName(claims, email),
      emailVerifiedAtMs: claims.emailVerified ? nowMs : undefined,
      hasPassword: false,
    },
    nowMs,
  );
  const link = await planLink(deps, user, "verify_email", { kind: "verify_email" }, call.requestId, nowMs);
  const before = [
    ...planAccount(deps, call, user, null, nowMs),
    ...planIdentity(deps, call, user, claims, "registration", nowMs).writes,
    ...(claims.emailVerified ? [] : link.writes),
  ];
  return { account: { user, hasSecondFactor: false }, before };
}

function refuse(code: Extract<IdentityDecision<Account>, { kind: "refuse" }>["code"], { provider }: ProviderClaims) {
  const title = providerTitles[provider];
  switch (code) {
    case "users.identity_not_linked":
      return fail(code, `Sign in another way, or set a new password by mail; then link ${title} to your account.`);
    case "users.provider_address_missing":
      return fail(code, `${title} gave no mail address, which an account needs.`);
    case "users.email_not_verified":
      return fail(code, "Verify the address of your account first.");
  }
}
