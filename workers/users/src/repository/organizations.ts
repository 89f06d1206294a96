import type { Role } from "@foyer/contracts/shared/permissions";
import type { PublicOrganization } from "@foyer/contracts/users/rpc";
import { type Id, isId, type OrganizationId, type UserId } from "@foyer/kernel/ids";
import type { Organization, OrganizationChange } from "../domain/organization.ts";
import type { Write } from "./database.ts";

const organizationColumns = `o.id, o.name, o.slug, o.description, o.website, o.contact_email AS contactEmail,
  o.closing_at_ms AS closingAtMs, o.version, o.created_at_ms AS createdAtMs, o.updated_at_ms AS updatedAtMs`;

/** An organization as one of its members sees it. */
type OwnOrganization = Organization & Standing;

/** What is asked of an organization to decide who may do what there. */
export interface Standing {
  readonly role: Role;
  readonly closingAtMs: number | null;
}

/** An organization that waits for the answer whether it may close. */
export interface ClosingOrganization {
  readonly id: OrganizationId;
  readonly slug: string;
  readonly closingAtMs: number;
}

const stillClosing = "closing_at_ms = ?2 AND closed_at_ms IS NULL";

export type OrganizationRepository = ReturnType<typeof createOrganizationRepository>;

/** Organizations, and what their members see of them. A closed one has no members, so nobody finds it. */
export function createOrganizationRepository(db: D1Database) {
  return {
    /** The organization as this member sees it; null where they are none, or suspended. */
    async findForMember(id: OrganizationId, userId: UserId): Promise<OwnOrganization | null> {
      return db
        .prepare(
          `SELECT ${organizationColumns}, m.role FROM memberships m JOIN organizations o ON o.id = m.organization_id
           JOIN users u ON u.id = m.user_id WHERE m.user_id = ?2 AND m.organization_id = ?1 AND u.suspended_at_ms IS NULL`,
        )
        .bind(id, userId)
        .first<OwnOrganization>();
    },

    /** The organization as its programs see it; null where there is none, or none any more. */
    async find(id: OrganizationId): Promise<Organization | null> {
      return db
        .prepare(
          `SELECT ${organizationColumns}, NULL AS role FROM organizations o WHERE o.id = ?1 AND o.closed_at_ms IS NULL`,
        )
        .bind(id)
        .first<Organization>();
    },

    /** What a user is in an organization; null where they are no member, or suspended. */
    async findStanding(id: OrganizationId, userId: UserId): Promise<Standing | null> {
      return db
        .prepare(
          `SELECT m.role, o.closing_at_ms AS closingAtMs FROM memberships m JOIN organizations o ON o.id = m.organization_id
           JOIN users u ON u.id = m.user_id WHERE m.user_id = ?2 AND m.organization_id = ?1 AND u.suspended_at_ms IS NULL`,
        )
        .bind(id, userId)
        .first<Standing>();
    },

    /** Whether an organization takes no new work, because it is about to close. */
    async isClosing(id: OrganizationId): Promise<boolean> {
      const row = await db
        .prepare("SELECT 1 AS found FROM organizations WHERE id = ?1 AND closing_at_ms IS NOT NULL")
        .bind(id)
        .first();
      return row !== null;
    },

    async listForMember(userId: UserId, after: string, limit: number): Promise<Organization[]> {
      const { results } = await db
        .prepare(
          `SELECT ${organizationColumns}, m.role FROM memberships m JOIN organizations o ON o.id = m.organization_id
           WHERE m.user_id = ?1 AND m.organization_id > ?2 ORDER BY m.organization_id LIMIT ?3`,
        )
        .bind(userId, after, limit)
        .all<Organization>();
      return results;
    },

    /** What everyone may know of an organization, by id or slug; null where there is none, or none any more. */
    async findPublic(idOrSlug: string): Promise<PublicOrganization | null> {
      const column = isId("organization", idOrSlug) ? "id" : "slug";
      return db
        .prepare(
          `SELECT id, slug, name, description, website, contact_email AS contactEmail FROM organizations
           WHERE ${column} = ?1 AND closed_at_ms IS NULL`,
        )
        .bind(idOrSlug)
        .first<PublicOrganization>();
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
            `INSERT INTO organizations (id, name, slug, description, website, contact_email, version, created_at_ms, updated_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)`,
          )
          .bind(
            organization.id,
            organization.name,
            organization.slug,
            organization.description,
            organization.website,
            organization.contactEmail,
            organization.version,
            organization.createdAtMs,
          ),
        db
          .prepare(
            `INSERT INTO memberships (id, organization_id, user_id, role, created_at_ms)
             SELECT ?1, ?2, ?3, CASE WHEN count(*) < ?4 THEN 'owner' END, ?5 FROM memberships WHERE user_id = ?3 AND role = 'owner'`,
          )
          .bind(owner.membershipId, organization.id, owner.userId, owner.ownedMax, organization.createdAtMs),
      ];
    },

    /**
     * Changes an organization. Committing meets `organization_changed` where it is not of the expected version any more (null: of
     * whichever), and `slug_taken`.
     */
    update(id: OrganizationId, change: OrganizationChange, expectedVersion: number | null, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE organizations SET version = CASE WHEN ?2 IS NULL OR version = ?2 THEN version + 1 END, updated_at_ms = ?3,
             name = coalesce(?4, name), slug = coalesce(?5, slug), description = coalesce(?6, description),
             website = CASE WHEN ?7 THEN ?8 ELSE website END, contact_email = CASE WHEN ?9 THEN ?10 ELSE contact_email END WHERE id = ?1`,
        )
        .bind(
          id,
          expectedVersion,
          nowMs,
          change.name ?? null,
          change.slug ?? null,
          change.description ?? null,
          change.website === undefined ? 0 : 1,
          change.website ?? null,
          change.contactEmail === undefined ? 0 : 1,
          change.contactEmail ?? null,
        );
    },

    /**
     * Ends the commit with `organization_changed` where an organization would be left without an owner; to be written behind what takes
     * one away.
     */
    keepOwner(id: OrganizationId): Write {
      return db
        .prepare(
          `UPDATE organizations SET version = CASE WHEN EXISTS (
             SELECT 1 FROM memberships WHERE organization_id = ?1 AND role = 'owner') THEN version END WHERE id = ?1`,
        )
        .bind(id);
    },

    /** An organization that waits for the answer whether it may close, or null. */
    async findClosing(id: OrganizationId): Promise<ClosingOrganization | null> {
      return db
        .prepare(
          `SELECT id, slug, closing_at_ms AS closingAtMs FROM organizations
           WHERE id = ?1 AND closing_at_ms IS NOT NULL AND closed_at_ms IS NULL`,
        )
        .bind(id)
        .first<ClosingOrganization>();
    },

    /** Notes that an organization wants to close. Committing meets `organization_changed` where it is not of the version that was read. */
    beginClosing({ id, version }: Pick<Organization, "id" | "version">, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE organizations SET version = CASE WHEN version = ?2 THEN version + 1 END, closing_at_ms = ?3, updated_at_ms = ?3
           WHERE id = ?1`,
        )
        .bind(id, version, nowMs);
    },

    /** Ends the waiting, because something stands in the way. Committing meets `organization_changed` where it waits no more. */
    reopen({ id, closingAtMs }: ClosingOrganization, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE organizations SET version = CASE WHEN ${stillClosing} THEN version + 1 END, closing_at_ms = NULL, updated_at_ms = ?3
           WHERE id = ?1`,
        )
        .bind(id, closingAtMs, nowMs);
    },

    /**
     * Closes an organization: it keeps its name, which orders and money point to, and gives its slug and its address up. Committing meets
     * `organization_changed` where it does not wait for that any more.
     */
    close({ id, closingAtMs }: ClosingOrganization, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE organizations SET version = CASE WHEN ${stillClosing} THEN version + 1 END, slug = id, contact_email = NULL,
             closed_at_ms = ?3, updated_at_ms = ?3 WHERE id = ?1`,
        )
        .bind(id, closingAtMs, nowMs);
    },
  };
}
