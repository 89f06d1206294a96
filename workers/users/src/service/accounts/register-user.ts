import type { SessionMode } from "@foyer/contracts/users/api/sessions";
import { newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../../deps.ts";
import { newUser, type User } from "../../domain/user.ts";
import type { Write } from "../../repository/database.ts";
import { asActor, note, type UsersCall } from "../call.ts";
import { planLink } from "../letters/plan-link.ts";
import { checkNewPassword } from "../passwords/check-new-password.ts";
import { planSession, type Tokens } from "../sessions/plan-session.ts";

export interface Registered {
  readonly user: User;
  /** Null where the deployment has addresses verified before the first sign-in. */
  readonly tokens: Tokens | null;
}

export interface Registration {
  readonly email: string;
  readonly password: string;
  readonly name: string;
  readonly locale?: string | undefined;
  readonly timezone?: string | undefined;
  readonly marketingConsent?: { readonly granted: boolean; readonly textVersion: string } | undefined;
  readonly mode: SessionMode;
}

/**
 * Opens an account and asks for its verification mail; `users.password_common` for a password that is guessed first. For an address that
 * has one: `users.email_taken` where the deployment reveals that, otherwise an answer that cannot be told from that for a new address, and
 * no effect but a line in the audit trail. Both answers cost one password hash, one read and one write.
 */
export async function registerUser(deps: Deps, call: UsersCall, input: Registration): Promise<Result<Registered>> {
  const allowed = checkNewPassword(deps, input.password, input);
  if (!allowed.ok) return allowed;
  const nowMs = deps.clock.nowMs();
  const passwordHash = deps.passwords.hash(input.password);
  const { marketingConsent } = input;
  const consent = marketingConsent === undefined ? undefined : { ...marketingConsent, atMs: nowMs };
  const user = newUser(newId("user", nowMs), { ...input, marketingConsent: consent, hasPassword: true }, nowMs);
  const present = await deps.users.findByEmail(input.email);
  if (present !== null) return answerTaken(deps, call, user, present);

  const session = deps.revealsEmailTaken
    ? await planSession(deps, call, user, { method: "password", mode: input.mode }, nowMs)
    : null;
  const link = await planLink(deps, user, "verify_email", { kind: "verify_email" }, call.requestId, nowMs);
  const outcome = await deps.store.commit(
    [...planAccount(deps, call, user, passwordHash, nowMs), ...(session?.writes ?? []), ...link.writes],
    ["email_taken"],
  );
  if (outcome === "email_taken") return answerTaken(deps, call, user, null); // another request was first
  return ok({ user, tokens: session?.signedIn.tokens ?? null });
}

/** The writes that open an account, by whatever way its owner came. */
export function planAccount(
  deps: Deps,
  call: UsersCall,
  user: User,
  passwordHash: string | null,
  nowMs: number,
): Write[] {
  const message = newMessage(
    "user.registered",
    { userId: user.id },
    { source: "users", requestId: call.requestId, nowMs },
  );
  const { marketingConsent: consent } = user;
  return [
    ...deps.users.insert(user, passwordHash),
    ...(consent === null ? [] : [deps.users.setConsent(user.id, newId("consent", nowMs), consent)]),
    ...deps.store.tell(message, nowMs),
    note(
      deps,
      call,
      {
        action: "user.registered",
        targetId: user.id,
        actor: asActor(user),
        after: { hasPassword: passwordHash !== null, emailVerified: user.emailVerifiedAtMs !== null },
      },
      nowMs,
    ),
  ];
}

async function answerTaken(
  deps: Deps,
  call: UsersCall,
  unsaved: User,
  present: User | null,
): Promise<Result<Registered>> {
  const nowMs = unsaved.createdAtMs;
  const facts = { action: "user.registration_repeated", targetId: present?.id ?? null } as const;
  await deps.store.commit([note(deps, call, facts, nowMs)]);
  if (deps.revealsEmailTaken) return fail("users.email_taken", "This address has an account already; sign in instead.");
  return ok({ user: unsaved, tokens: null });
}
