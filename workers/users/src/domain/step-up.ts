/** What proves that a person is still who signed in. */
export type Proof = "password" | "code" | "recoveryCode" | "passkey";

/**
 * What is asked of an account: the strongest that it has, and whatever is as strong. A passkey always is, because it asks its owner for a PIN
 * or a finger. Nothing, where the account is opened by its providers alone: there is nothing to prove here then.
 */
export function demandedProofs(account: {
  readonly hasTotp: boolean;
  readonly hasPassword: boolean;
  readonly passkeys: number;
}): readonly Proof[] {
  const passkey = account.passkeys > 0 ? (["passkey"] as const) : [];
  if (account.hasTotp) return ["code", "recoveryCode", ...passkey];
  return account.hasPassword ? ["password", ...passkey] : passkey;
}
