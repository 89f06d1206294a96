import type { Letter } from "@foyer/contracts/users/letters";
import { toRfc3339 } from "@foyer/kernel/clock";
import type { Id } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import type { LetterToken } from "../../repository/letters.ts";

const letterVoid = fail("users.letter_void", "This letter is no longer needed.");

/**
 * A letter as it is to be written, with the secret of its link, which is computed here and now. `users.letter_void` where its link was
 * used or replaced meanwhile, or its time is over: nobody needs it any more.
 */
export async function getLetter(deps: Deps, input: { readonly letterId: Id<"letter"> }): Promise<Result<Letter>> {
  const nowMs = deps.clock.nowMs();
  const letter = await deps.letters.find(input.letterId, nowMs);
  if (letter === null) return letterVoid;
  const { address: to, locale, subject, token } = letter;
  if (token === null) return ok({ to, locale, subject, link: null });
  const secret = await deps.linkSecrets.secretOf(token.purpose, token.id);
  const expiresAtMs = await usableUntil(deps, token, secret, nowMs);
  if (expiresAtMs === null) return letterVoid;
  return ok({ to, locale, subject, link: { token: secret, expiresAt: toRfc3339(expiresAtMs) } });
}

/** Until when a letter's link works; null where it does no more. */
async function usableUntil(deps: Deps, token: LetterToken, secret: string, nowMs: number): Promise<number | null> {
  const found =
    token.purpose === "invitation"
      ? await deps.invitations.findByHash(await deps.linkSecrets.hashOf(secret), nowMs)
      : await deps.singleUseTokens.findUsable(token.id, nowMs);
  return found?.expiresAtMs ?? null;
}
