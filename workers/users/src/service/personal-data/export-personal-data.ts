import type { PersonalData } from "@foyer/auth/personal-data";
import type { CallContext, UserActor } from "@foyer/contracts/shared/actor";
import { limits } from "@foyer/kernel/limits";
import { fail, ok, type Result } from "@foyer/kernel/result";
import type { Deps } from "../../deps.ts";
import { trailFor, withheld, withMoments } from "../../domain/personal-data.ts";
import { toUserBody } from "../../domain/user.ts";
import { note } from "../call.ts";

/**
 * Everything that users keeps about the caller, for the caller: {@link limits.exportRowsMax} entries of a list at most, the newest; a list that
 * has more is named. The trail says that they asked.
 */
export async function exportPersonalData(
  deps: Deps,
  call: CallContext & { readonly actor: UserActor },
): Promise<Result<PersonalData>> {
  const { userId } = call.actor;
  const user = await deps.users.findById(userId);
  if (user === null) return fail("auth.invalid_token", "This account exists no more.");
  const nowMs = deps.clock.nowMs();
  const max = limits.exportRowsMax;
  const own = deps.personalData;
  const [sessions, consents, memberships, invitations, letters, trail, identities, passkeys, factors] =
    await Promise.all([
      own.listSessions(userId, max + 1),
      own.listConsents(userId, max + 1),
      own.listMemberships(userId, max + 1),
      user.emailVerifiedAtMs === null ? [] : own.listInvitations(user.email, max + 1),
      own.listLetters(userId, max + 1),
      own.listTrail(userId, max + 1),
      deps.identities.list(userId),
      deps.passkeys.list(userId),
      deps.factors.count(userId),
    ]);
  await deps.store.commit([note(deps, call, { action: "user.exported", targetId: userId }, nowMs)]);

  const lists = { sessions, consents, memberships, invitations, letters, trail };
  const shown = <T>(rows: readonly T[]): readonly T[] => rows.slice(0, max);
  const { totp, recoveryCodesLeft } = factors;
  return ok({
    account: { ...toUserBody(user, deps.publicUrl) },
    consents: shown(consents).map((consent) => withMoments({ ...consent, granted: consent.granted === 1 })),
    sessions: shown(sessions).map((session) => withMoments({ ...session, impersonation: session.impersonation === 1 })),
    identities: identities.map(({ userId: _owner, ...identity }) => withMoments(identity)),
    passkeys: passkeys.map(({ id, name, createdAtMs, lastUsedAtMs }) =>
      withMoments({ id, name, createdAtMs, lastUsedAtMs }),
    ),
    secondFactors: { authenticatorApp: totp, recoveryCodesLeft },
    memberships: shown(memberships).map(withMoments),
    invitations: shown(invitations).map(withMoments),
    letters: shown(letters).map(withMoments),
    trail: shown(trail).map(trailFor),
    cutShort: Object.entries(lists).flatMap(([name, rows]) => (rows.length > max ? [name] : [])),
    withheld,
  });
}
