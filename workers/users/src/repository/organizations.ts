import type { Role } from "@foyer/contracts/shared/permissions";
import type { Id, OrganizationId, UserId } from "@foyer/kernel/ids";
import type { Member, Organization } from "../domain/organization.ts";
import type { Write } from "./database.ts";
import { orConflict } from "./store.ts";

const organizationColumns = `o.id, o.name, o.slug, m.role, o.version, o.created_at_ms AS createdAtMs, o.updated_at_ms AS updatedAtMs`;

export type OrganizationRepository = ReturnType<typeof createOrganizationRepository>;

/** Organizations and who belongs to them. */
export function createOrganizationRepository(db: D1Database) {
  return {
    /** The organization as this member sees it; null where they are none. */
    async findForMember(id: OrganizationId, userId: UserId): Promise<Organization | null> {
      return db
        .prepare(
          `SELECT ${organizationColumns} FROM memberships m JOIN organizations o ON o.id = m.organization_id
           WHERE m.user_id = ?2 AND m.organization_id = ?1`,
        )
        .bind(id, userId)
        .first<Organization>();
    },

    /** Role of a user in an organization; null where they are no member. */
    async findRole(id: OrganizationId, userId: UserId): Promise<Role | null> {
      return db
        .prepare("SELECT role FROM memberships WHERE user_id = ?2 AND organization_id = ?1")
        .bind(id, userId)
        .first<Role>("role");
    },

    async listForMember(userId: UserId, after: string, limit: number): Promise<Organization[]> {
      const { results } = await db
        .prepare(
          `SELECT ${organizationColumns} FROM memberships m JOIN organizations o ON o.id = m.organization_id
           WHERE m.user_id = ?1 AND m.organization_id > ?2 ORDER BY m.organization_id LIMIT ?3`,
        )
        .bind(userId, after, limit)
        .all<Organization>();
      return results;
    },

    async listMembers(id: OrganizationId, after: string, limit: number): Promise<Member[]> {
      const { results } = await db
        .prepare(
          `SELECT m.id, m.user_id AS userId, u.name, u.email, m.role, m.created_at_ms AS createdAtMs
           FROM memberships m JOIN users u ON u.id = m.user_id
           WHERE m.organization_id = ?1 AND m.id > ?2 ORDER BY m.id LIMIT ?3`,
        )
        .bind(id, after, limit)
        .all<Member>();
      return results;
    },

    async listByIds(ids: readonly OrganizationId[]): Promise<Pick<Organization, "id" | "name" | "slug">[]> {
      const { results } = await db
        .prepare("SELECT id, name, slug FROM organizations WHERE id IN (SELECT value FROM json_each(?1)) ORDER BY id")
        .bind(JSON.stringify(ids))
        .all<Pick<Organization, "id" | "name" | "slug">>();
      return results;
    },

    /**
     * A new organization with its owner. Committing meets `slug_taken`, or `ownership_limit` where the owner has as many
     * as they may: the role is NULL then, which aborts.
     */
    insert(
      organization: Organization,
      owner: { readonly membershipId: Id<"membership">; readonly userId: UserId; readonly ownedMax: number },
    ): Write[] {
      return [
        db
          .prepare(
            "INSERT INTO organizations (id, name, slug, version, created_at_ms, updated_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?5)",
          )
          .bind(organization.id, organization.name, organization.slug, organization.version, organization.createdAtMs),
        db
          .prepare(
            `INSERT INTO memberships (id, organization_id, user_id, role, created_at_ms)
             SELECT ?1, ?2, ?3, CASE WHEN count(*) < ?4 THEN 'owner' END, ?5 FROM memberships WHERE user_id = ?3 AND role = 'owner'`,
          )
          .bind(owner.membershipId, organization.id, owner.userId, owner.ownedMax, organization.createdAtMs),
      ];
    },

    /** Changes an organization if it still has the expected version (any, where null); `stale` where it has not. */
    async update(
      id: OrganizationId,
      change: { readonly name?: string | undefined; readonly slug?: string | undefined },
      expectedVersion: number | null,
      nowMs: number,
      audit: Write,
    ): Promise<"changed" | "stale" | "slug_taken"> {
      return orConflict(["slug_taken"], async () => {
        const [updated] = await db.batch([
          db
            .prepare(
              `UPDATE organizations SET version = version + 1, updated_at_ms = ?3, name = coalesce(?4, name), slug = coalesce(?5, slug)
               WHERE id = ?1 AND (?2 IS NULL OR version = ?2) RETURNING id`,
            )
            .bind(id, expectedVersion, nowMs, change.name ?? null, change.slug ?? null),
          audit,
        ]);
        return (updated?.results.length ?? 0) > 0 ? "changed" : "stale";
      });
    },
  };
}
