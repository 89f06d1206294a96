/** What opens an account. */
export interface WaysIn {
  readonly hasPassword: boolean;
  readonly passkeys: number;
  readonly identities: number;
}

/** Whether one of them may be taken away: another remains. */
export function mayRemoveWayIn({ hasPassword, passkeys, identities }: WaysIn): boolean {
  return Number(hasPassword) + passkeys + identities > 1;
}
