import type { Role } from "@foyer/contracts/shared/permissions";
import type { Id, OrganizationId, UserId } from "@foyer/kernel/ids";
import type { Member } from "../domain/organization.ts";
import type { Write } from "./database.ts";

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

    /** A new member; committing meets `already_member`. */
    insert(member: {
      readonly id: Id<"membership">;
      readonly organizationId: OrganizationId;
      readonly userId: UserId;
      readonly role: Role;
      readonly createdAtMs: number;
    }): Write {
      return db
        .prepare(
          "INSERT INTO memberships (id, organization_id, user_id, role, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .bind(member.id, member.organizationId, member.userId, member.role, member.createdAtMs);
    },

    setRole(id: Id<"membership">, role: Role): Write {
      return db.prepare("UPDATE memberships SET role = ?2 WHERE id = ?1").bind(id, role);
    },

    remove(id: Id<"membership">): Write {
      return db.prepare("DELETE FROM memberships WHERE id = ?1").bind(id);
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
