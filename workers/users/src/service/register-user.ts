import type { CallContext } from "@foyer/contracts/shared/actor";
import type { SessionBody } from "@foyer/contracts/users/api";
import { newId } from "@foyer/kernel/ids";
import { fail, ok, type Result } from "@foyer/kernel/result";
import { newMessage } from "@foyer/messaging/message";
import type { Deps } from "../deps.ts";
import { newUser, type User } from "../domain/user.ts";
import { planSession } from "./plan-session.ts";
import { planVerification } from "./plan-verification.ts";

export interface Registered {
  readonly user: User;
  /** Null where the deployment has addresses verified before the first sign-in. */
  readonly session: SessionBody | null;
}

/**
 * Opens an account and asks for its verification mail. For an address that has one: `users.email_taken` where the deployment
 * reveals that, otherwise an answer that cannot be told from that for a new address, and no effect but a line in the audit
 * trail. Both answers cost one password hash, one read and one write.
 */
export async function registerUser(
  deps: Deps,
  call: CallContext,
  input: { readonly email: string; readonly password: string; readonly name: string },
): Promise<Result<Registered>> {
  const nowMs = deps.clock.nowMs();
  const passwordHash = deps.passwords.hash(input.password);
  const user = newUser(newId("user", nowMs), input, nowMs);
  const present = await deps.users.findByEmail(input.email);
  if (present !== null) return answerTaken(deps, call, user, present);

  const session = deps.revealsEmailTaken ? await planSession(deps, user, nowMs) : null;
  const message = newMessage(
    "user.registered",
    { userId: user.id },
    { source: "users", requestId: call.requestId, nowMs },
  );
  const outcome = await deps.store.commit(
    [
      ...deps.users.insert(user, passwordHash),
      ...(session?.writes ?? []),
      ...(await planVerification(deps, user, call.requestId, nowMs)),
      ...deps.store.tell(message, nowMs),
      deps.audit.write({
        id: newId("audit", nowMs),
        actor: { kind: "user", id: user.id },
        action: "user.registered",
        targetId: user.id,
        organizationId: null,
        requestId: call.requestId,
        atMs: nowMs,
      }),
    ],
    ["email_taken"],
  );
  if (outcome === "email_taken") return answerTaken(deps, call, user, null); // another request was first
  return ok({ user, session: session?.body ?? null });
}

async function answerTaken(
  deps: Deps,
  call: CallContext,
  unsaved: User,
  present: User | null,
): Promise<Result<Registered>> {
  await deps.store.commit([
    deps.audit.write({
      id: newId("audit", unsaved.createdAtMs),
      actor: { kind: "anonymous", id: null },
      action: "user.registration_repeated",
      targetId: present?.id ?? null,
      organizationId: null,
      requestId: call.requestId,
      atMs: unsaved.createdAtMs,
    }),
  ]);
  if (deps.revealsEmailTaken) return fail("users.email_taken", "This address has an account already; sign in instead.");
  return ok({ user: unsaved, session: null });
}
