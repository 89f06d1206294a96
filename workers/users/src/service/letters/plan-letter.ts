import type { LetterSubject, NoticeKind } from "@foyer/contracts/users/letters";
import { secondMs, toRfc3339 } from "@foyer/kernel/clock";
import { newId, type UserId } from "@foyer/kernel/ids";
import { limits } from "@foyer/kernel/limits";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../../deps.ts";
import type { Client } from "../../domain/client.ts";
import type { Write } from "../../repository/database.ts";
import type { LetterToken } from "../../repository/letters.ts";

/** Whom a letter goes to. */
export interface Addressee {
  readonly id: UserId | null;
  readonly email: string;
  readonly locale: string | null;
}

/** The writes that put a letter down and ask for its mail. */
export function planLetter(
  deps: Pick<Deps, "letters" | "store">,
  to: Addressee,
  subject: LetterSubject,
  link: { readonly token: LetterToken; readonly expiresAtMs: number } | null,
  requestId: string,
  nowMs: number,
): Write[] {
  const letter = {
    id: newId("letter", nowMs),
    userId: to.id,
    address: to.email,
    locale: to.locale,
    subject,
    token: link?.token ?? null,
    expiresAtMs: link?.expiresAtMs ?? nowMs + limits.letterNoticeTtlSeconds * secondMs,
  };
  const message = newMessage("user.letter_due", { letterId: letter.id }, { source: "users", requestId, nowMs });
  return [deps.letters.insert(letter, nowMs), ...deps.store.tell(message, nowMs)];
}

/**
 * The writes that tell an owner of a change of how one signs in, or of what else they must hear. `client` is whose device and place it says,
 * null where those are none of the owner's business.
 */
export function planNotice(
  deps: Pick<Deps, "letters" | "store">,
  to: Addressee,
  notice: NoticeKind,
  from: { readonly client: Client | null; readonly requestId: string; readonly name?: string },
  nowMs: number,
): Write[] {
  const { client, requestId, name = null } = from;
  const device = client?.device ?? null;
  const place = client?.place ?? null;
  const subject = { kind: "notice", notice, at: toRfc3339(nowMs), device, place, name } as const;
  return planLetter(deps, to, subject, null, requestId, nowMs);
}
