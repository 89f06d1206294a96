import type { LetterSubject } from "@foyer/contracts/users/letters";
import { secondMs } from "@foyer/kernel/clock";
import { newId, type UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import type { Deps } from "../../deps.ts";
import type { Write } from "../../repository/database.ts";
import type { SingleUseToken, TokenPurpose } from "../../repository/single-use-tokens.ts";
import { type Addressee, planLetter } from "./plan-letter.ts";

/**
 * A new link that works once and for an hour, which voids the older ones of its purpose: its token, and the writes that make it and
 * ask for its mail.
 */
export async function planLink(
  deps: Pick<Deps, "letters" | "store" | "singleUseTokens" | "linkSecrets">,
  to: Addressee & { readonly id: UserId },
  purpose: TokenPurpose,
  subject: LetterSubject,
  requestId: string,
  nowMs: number,
): Promise<{ readonly token: SingleUseToken; readonly writes: Write[] }> {
  const token: SingleUseToken = {
    id: newId("token", nowMs),
    purpose,
    userId: to.id,
    expiresAtMs: nowMs + limits.singleUseTokenTtlSeconds * secondMs,
  };
  const hash = await deps.linkSecrets.hashOf(await deps.linkSecrets.secretOf(purpose, token.id));
  return {
    token,
    writes: [
      ...deps.singleUseTokens.insert(token, hash, nowMs),
      ...planLetter(deps, to, subject, { token, expiresAtMs: token.expiresAtMs }, requestId, nowMs),
    ],
  };
}
