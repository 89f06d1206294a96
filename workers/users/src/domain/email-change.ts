/** The two addresses that a change is between. */
export type EmailSide = "current" | "new";

/** A change as far as it is confirmed. The current address is not asked where it was never proven. */
export interface Confirmations {
  readonly currentTokenId: string | null;
  readonly newTokenId: string;
  readonly currentConfirmedAtMs: number | null;
  readonly newConfirmedAtMs: number | null;
}

/** Which side a link is of; null where it belongs to an earlier change. */
export function sideOf(change: Confirmations, tokenId: string): EmailSide | null {
  if (tokenId === change.newTokenId) return "new";
  return tokenId === change.currentTokenId ? "current" : null;
}

/** The sides whose confirmation is missing once this one has given its own. */
export function missingAfter(change: Confirmations, confirmed: EmailSide): EmailSide[] {
  const asked: EmailSide[] = change.currentTokenId === null ? ["new"] : ["current", "new"];
  return asked.filter(
    (side) =>
      side !== confirmed && (side === "current" ? change.currentConfirmedAtMs : change.newConfirmedAtMs) === null,
  );
}
