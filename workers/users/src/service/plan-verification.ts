import { secondMs } from "@foyer/kernel/clock";
import { newId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../deps.ts";
import type { User } from "../domain/user.ts";
import type { Write } from "../repository/database.ts";

/** The writes that make a new verification link, void the older ones and ask for its mail. */
export async function planVerification(
  deps: Deps,
  user: Pick<User, "id">,
  requestId: string,
  nowMs: number,
): Promise<Write[]> {
  const token = {
    id: newId("token", nowMs),
    purpose: "verify_email",
    userId: user.id,
    expiresAtMs: nowMs + limits.singleUseTokenTtlSeconds * secondMs,
  } as const;
  const hash = await deps.linkSecrets.hashOf(await deps.linkSecrets.secretOf(token.purpose, token.id));
  const message = newMessage(
    "user.verification_requested",
    { userId: user.id, tokenId: token.id },
    { source: "users", requestId, nowMs },
  );
  return [...deps.singleUseTokens.insert(token, hash, nowMs), ...deps.store.tell(message, nowMs)];
}
