/** What opens an account. */
export interface WaysIn {
  readonly hasPassword: boolean;
  readonly passkeys: number;
  /** Accounts at providers. */
  readonly identities: number;
}

/**
 * Whether nothing would open the account any more if one of its passkeys, or one of its identities, were taken away. That a password can be set
 * by mail does not count: until then, nobody could come in.
 */
export function isLastWayIn({ hasPassword, passkeys, identities }: WaysIn): boolean {
  return !hasPassword && passkeys + identities <= 1;
}
