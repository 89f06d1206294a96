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
import { type Admission, countAdmission, planAdmission } from "../sessions/admit.ts";
import { identityLimit, planIdentity } from "./plan-identity.ts";

/** Everything that one sign-in writes, and what its owner gets once it is committed. */
interface PlannedSignIn {
  readonly writes: readonly Write[];
  readonly admission: Admission;
}

const attemptsMax = 3;

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
  for (let attempt = 1; ; attempt += 1) {
    const planned = await plan(deps, call, claims, mode);
    if (!planned.ok) return planned;
    const { writes, admission } = planned.value;
    const outcome = await deps.store.commit(writes, ["email_taken", "identity_taken", "identity_limit"]);
    if (outcome === "committed") {
      countAdmission(deps, admission);
      return ok(admission);
    }
    if (outcome === "identity_limit") return identityLimit;
    // Another request made the account, or the link, meanwhile: looked at anew, it is there.
    if (attempt >= attemptsMax) throw new Error(`a sign-in met ${outcome} ${attempt} times`);
  }
}

async function plan(
  deps: Deps,
  call: UsersCall,
  claims: ProviderClaims,
  mode: SessionMode,
): Promise<Result<PlannedSignIn>> {
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
      return planNewcomer(deps, call, claims, decision.email, mode);
    case "link_by_address": {
      // Nothing about how one signs in changes before the second factor is shown: whoever has one links for themselves.
      const { user, hasSecondFactor } = decision.account;
      const further = hasSecondFactor ? [] : planIdentity(deps, call, user, claims, "address", nowMs).writes;
      return planEntry(deps, call, decision.account, { method: provider, mode }, further);
    }
    case "sign_in": {
      const further = known === null ? [] : [deps.identities.use(known.id, email, nowMs)];
      return planEntry(deps, call, decision.account, { method: provider, mode }, further);
    }
  }
}

/** An admission behind writes that come with it. */
async function planEntry(
  deps: Deps,
  call: UsersCall,
  account: Pick<Account, "user" | "hasSecondFactor">,
  how: { readonly method: string; readonly mode: SessionMode },
  before: readonly Write[],
): Promise<Result<PlannedSignIn>> {
  const admitted = await planAdmission(deps, call, account, how);
  if (!admitted.ok) return admitted;
  const { writes, admission } = admitted.value;
  return ok({ writes: [...before, ...writes], admission });
}

/** An account of somebody new. The provider's word verifies its address, or else a letter does. */
async function planNewcomer(
  deps: Deps,
  call: UsersCall,
  claims: ProviderClaims,
  email: string,
  mode: SessionMode,
): Promise<Result<PlannedSignIn>> {
  const nowMs = deps.clock.nowMs();
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
  const account = [
    ...planAccount(deps, call, user, null, nowMs),
    ...planIdentity(deps, call, user, claims, "registration", nowMs).writes,
    ...(claims.emailVerified ? [] : link.writes),
  ];
  return planEntry(deps, call, { user, hasSecondFactor: false }, { method: claims.provider, mode }, account);
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
