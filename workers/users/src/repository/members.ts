import type { Role } from "@foyer/contracts/shared/permissions";
import type { Id, OrganizationId, UserId } from "@foyer/kernel/ids";
import type { Member } from "../domain/organization.ts";
import type { Write } from "./database.ts";

/** How many organizations somebody owns, as a part of a statement in which `user` names them. */
const ownedBy = (user: string): string =>
  `(SELECT count(*) FROM memberships o WHERE o.user_id = ${user} AND o.role = 'owner')`;

/** What somebody was when it was decided what they may do. */
export interface MemberStanding {
  readonly userId: UserId;
  readonly role: Role;
}

const columns = "m.id, m.user_id AS userId, u.name, u.email, m.role, m.created_at_ms AS createdAtMs";

export type MemberRepository = ReturnType<typeof createMemberRepository>;

/** Who belongs to organizations. */
export function createMemberRepository(db: D1Database) {
  return {
    async list(id: OrganizationId, after: string, limit: number): Promise<Member[]> {
      const { results } = await db
        .prepare(
          `SELECT ${columns} FROM memberships m JOIN users u ON u.id = m.user_id
           WHERE m.organization_id = ?1 AND m.id > ?2 ORDER BY m.id LIMIT ?3`,
        )
        .bind(id, after, limit)
        .all<Member>();
      return results;
    },

    /** A member of this organization, or null. */
    async find(organizationId: OrganizationId, id: Id<"membership">): Promise<Member | null> {
      return db
        .prepare(
          `SELECT ${columns} FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.organization_id = ?1 AND m.id = ?2`,
        )
        .bind(organizationId, id)
        .first<Member>();
    },

    /** A user's membership in an organization, or null. */
    async findByUser(organizationId: OrganizationId, userId: UserId): Promise<Member | null> {
      return db
        .prepare(
          `SELECT ${columns} FROM memberships m JOIN users u ON u.id = m.user_id
           WHERE m.organization_id = ?1 AND m.user_id = ?2`,
        )
        .bind(organizationId, userId)
        .first<Member>();
    },

    async count(organizationId: OrganizationId): Promise<number> {
      const row = await db
        .prepare("SELECT count(*) AS members FROM memberships WHERE organization_id = ?1")
        .bind(organizationId)
        .first<{ members: number }>();
      return row?.members ?? 0;
    },

    /**
     * A new member. Committing meets `already_member`, `member_limit` where the organization has as many as it may, and
     * `ownership_limit` where a new owner owns as many organizations as they may.
     */
    insert(
      member: MemberStanding & {
        readonly id: Id<"membership">;
        readonly organizationId: OrganizationId;
        readonly createdAtMs: number;
      },
      max: { readonly members: number; readonly owned: number },
    ): Write {
      return db
        .prepare(
          `INSERT INTO memberships (id, organization_id, user_id, role, created_at_ms)
           SELECT ?1, ?2, ?3, CASE WHEN ?4 <> 'owner' OR ${ownedBy("?3")} < ?7 THEN ?4 END,
             CASE WHEN (SELECT count(*) FROM memberships WHERE organization_id = ?2) < ?6 THEN ?5 END`,
        )
        .bind(member.id, member.organizationId, member.userId, member.role, member.createdAtMs, max.members, max.owned);
    },

    /** Gives a member another role. Committing meets `ownership_limit` where a new owner owns as many organizations as they may. */
    setRole(id: Id<"membership">, role: Role, ownedMax: number): Write {
      return db
        .prepare(
          `UPDATE memberships SET role = CASE WHEN ?2 <> 'owner' OR role = 'owner' OR ${ownedBy("memberships.user_id")} < ?3 THEN ?2 END
           WHERE id = ?1`,
        )
        .bind(id, role, ownedMax);
    },

    /**
     * Ends the commit with `member_changed` where one of these is no longer a member in this role: what they were let do, or what was
     * done to them, was decided by it.
     */
    mustStand(id: OrganizationId, standings: readonly MemberStanding[]): Write {
      const wanted = standings.map(({ userId, role }) => ({ userId, role }));
      return db
        .prepare(
          `UPDATE organizations SET updated_at_ms = CASE WHEN NOT EXISTS (
             SELECT 1 FROM json_each(?2) w WHERE NOT EXISTS (
               SELECT 1 FROM memberships m WHERE m.user_id = w.value ->> 'userId' AND m.organization_id = ?1 AND m.role = w.value ->> 'role')
           ) THEN updated_at_ms END WHERE id = ?1`,
        )
        .bind(id, JSON.stringify(wanted));
    },

    remove(id: Id<"membership">): Write {
      return db.prepare("DELETE FROM memberships WHERE id = ?1").bind(id);
    },

    removeAll(organizationId: OrganizationId): Write {
      return db.prepare("DELETE FROM memberships WHERE organization_id = ?1").bind(organizationId);
    },

    /** Organizations that a user is the only owner of. */
    async listSolelyOwned(userId: UserId): Promise<OrganizationId[]> {
      const { results } = await db
        .prepare(
          `SELECT m.organization_id AS id FROM memberships m WHERE m.user_id = ?1 AND m.role = 'owner'
             AND NOT EXISTS (SELECT 1 FROM memberships o WHERE o.organization_id = m.organization_id AND o.role = 'owner' AND o.user_id <> ?1)
           ORDER BY m.organization_id LIMIT 100`,
        )
        .bind(userId)
        .all<{ id: OrganizationId }>();
      return results.map(({ id }) => id);
    },
  };
}
