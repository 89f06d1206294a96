import type { Role } from "@foyer/contracts/shared/permissions";
import type { UserId } from "@foyer/kernel/ids";

/** A sign-in, whether or not it has ended. */
export interface PastSession {
  readonly id: string;
  readonly device: string;
  readonly place: string | null;
  readonly method: string;
  readonly mode: string;
  readonly impersonation: number;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
  readonly expiresAtMs: number;
  readonly endedAtMs: number | null;
  readonly endReason: string | null;
}

/** Something said about being written to. */
export interface PastConsent {
  readonly purpose: string;
  readonly granted: number;
  readonly textVersion: string;
  readonly atMs: number;
}

export interface OwnMembership {
  readonly organizationId: string;
  readonly name: string;
  readonly slug: string;
  readonly role: Role;
  readonly createdAtMs: number;
}

export interface OwnInvitation {
  readonly organization: string;
  readonly role: Role;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface OwnLetter {
  readonly address: string;
  readonly kind: string;
  readonly createdAtMs: number;
}

/** A line of the trail that is by this person, about them, or both. */
export interface OwnTrailLine {
  readonly id: string;
  readonly action: string;
  readonly actorKind: string;
  readonly byThemselves: number;
  readonly aboutThemselves: number;
  readonly impersonation: number;
  readonly targetId: string | null;
  readonly organizationId: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly atMs: number;
}

export type PersonalDataRepository = ReturnType<typeof createPersonalDataRepository>;

/** What the tables of this worker hold about one person, for that person: at most `limit` rows of a kind, newest first. */
export function createPersonalDataRepository(db: D1Database) {
  const list = async <T>(sql: string, ...values: unknown[]): Promise<T[]> =>
    (
      await db
        .prepare(sql)
        .bind(...values)
        .all<T>()
    ).results;

  return {
    listSessions: (userId: UserId, limit: number) =>
      list<PastSession>(
        `SELECT id, device, place, method, mode, impersonator_id IS NOT NULL AS impersonation, created_at_ms AS createdAtMs,
           last_used_at_ms AS lastUsedAtMs, expires_at_ms AS expiresAtMs, ended_at_ms AS endedAtMs, end_reason AS endReason
         FROM sessions WHERE user_id = ?1 ORDER BY id DESC LIMIT ?2`,
        userId,
        limit,
      ),

    listConsents: (userId: UserId, limit: number) =>
      list<PastConsent>(
        `SELECT purpose, granted, text_version AS textVersion, at_ms AS atMs FROM consents
         WHERE user_id = ?1 ORDER BY at_ms DESC, id DESC LIMIT ?2`,
        userId,
        limit,
      ),

    listMemberships: (userId: UserId, limit: number) =>
      list<OwnMembership>(
        `SELECT o.id AS organizationId, o.name, o.slug, m.role, m.created_at_ms AS createdAtMs
         FROM memberships m JOIN organizations o ON o.id = m.organization_id WHERE m.user_id = ?1 ORDER BY m.organization_id DESC LIMIT ?2`,
        userId,
        limit,
      ),

    /** Invitations that wait at an address. */
    listInvitations: (email: string, limit: number) =>
      list<OwnInvitation>(
        `SELECT o.name AS organization, i.role, i.created_at_ms AS createdAtMs, i.expires_at_ms AS expiresAtMs
         FROM invitations i JOIN organizations o ON o.id = i.organization_id WHERE i.email = ?1 ORDER BY i.id DESC LIMIT ?2`,
        email,
        limit,
      ),

    /** Letters that are under way to a person, or were lately. */
    listLetters: (userId: UserId, limit: number) =>
      list<OwnLetter>(
        `SELECT address, subject ->> 'kind' AS kind, created_at_ms AS createdAtMs FROM letters
         WHERE user_id = ?1 ORDER BY id DESC LIMIT ?2`,
        userId,
        limit,
      ),

    listTrail: (userId: UserId, limit: number) =>
      list<OwnTrailLine>(
        `SELECT id, action, actor_kind AS actorKind, coalesce(actor_id = ?1, 0) AS byThemselves, coalesce(target_id = ?1, 0) AS aboutThemselves,
           impersonator_id IS NOT NULL AS impersonation, target_id AS targetId, organization_id AS organizationId, before, after, at_ms AS atMs
         FROM (SELECT * FROM audit WHERE actor_id = ?1 UNION SELECT * FROM audit WHERE target_id = ?1) ORDER BY id DESC LIMIT ?2`,
        userId,
        limit,
      ),
  };
}
