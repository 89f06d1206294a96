import type { Id, OrganizationId } from "@foyer/kernel/ids";
import type { Invitation } from "../domain/invitation.ts";
import type { Write } from "./database.ts";

/** An invitation with what its link's secret is compared with. */
export interface StoredInvitation extends Invitation {
  readonly hash: string;
}

/** An invitation with what its holder is told of the organization. */
export interface OpenInvitation extends StoredInvitation {
  readonly organizationName: string;
  readonly organizationSlug: string;
}

const columns = `i.id, i.organization_id AS organizationId, i.email, i.role, i.hash, i.invited_by AS invitedBy,
  i.created_at_ms AS createdAtMs, i.expires_at_ms AS expiresAtMs`;

/** Other invitations of an organization that can still be accepted, counted; `id` and `now` are places of the statement. */
const othersOpen = (organizationId: string, id: string, now: string): string =>
  `(SELECT count(*) FROM invitations o WHERE o.organization_id = ${organizationId} AND o.id <> ${id} AND o.expires_at_ms > ${now})`;

export type InvitationRepository = ReturnType<typeof createInvitationRepository>;

/** Invitations to join an organization. An accepted or revoked one is gone; each mail has a secret of its own, and the last one's counts. */
export function createInvitationRepository(db: D1Database) {
  return {
    async list(organizationId: OrganizationId, after: string, limit: number): Promise<Invitation[]> {
      const { results } = await db
        .prepare(
          `SELECT ${columns} FROM invitations i WHERE i.organization_id = ?1 AND i.id > ?2 ORDER BY i.id LIMIT ?3`,
        )
        .bind(organizationId, after, limit)
        .all<StoredInvitation>();
      return results;
    },

    async find(organizationId: OrganizationId, id: Id<"invitation">): Promise<StoredInvitation | null> {
      return db
        .prepare(`SELECT ${columns} FROM invitations i WHERE i.organization_id = ?1 AND i.id = ?2`)
        .bind(organizationId, id)
        .first<StoredInvitation>();
    },

    /** The invitation of an organization to an address, expired or not. */
    async findByEmail(organizationId: OrganizationId, email: string): Promise<StoredInvitation | null> {
      return db
        .prepare(`SELECT ${columns} FROM invitations i WHERE i.organization_id = ?1 AND i.email = ?2`)
        .bind(organizationId, email)
        .first<StoredInvitation>();
    },

    /** An invitation that can still be accepted, by the hash of its link's secret; an organization that is closing takes nobody in. */
    async findByHash(hash: string, nowMs: number): Promise<OpenInvitation | null> {
      return db
        .prepare(
          `SELECT ${columns}, o.name AS organizationName, o.slug AS organizationSlug FROM invitations i
           JOIN organizations o ON o.id = i.organization_id WHERE i.hash = ?1 AND i.expires_at_ms > ?2 AND o.closing_at_ms IS NULL`,
        )
        .bind(hash, nowMs)
        .first<OpenInvitation>();
    },

    /**
     * A new invitation. Committing meets `invitation_taken` where the address has one, and `invitation_limit` where the organization
     * has as many open ones as it may.
     */
    insert(invitation: StoredInvitation, openMax: number): Write {
      return db
        .prepare(
          `INSERT INTO invitations (id, organization_id, email, role, hash, invited_by, created_at_ms, expires_at_ms)
           SELECT ?1, ?2, ?3, ?4, CASE WHEN ${othersOpen("?2", "?1", "?7")} < ?9 THEN ?5 END, ?6, ?7, ?8`,
        )
        .bind(
          invitation.id,
          invitation.organizationId,
          invitation.email,
          invitation.role,
          invitation.hash,
          invitation.invitedBy,
          invitation.createdAtMs,
          invitation.expiresAtMs,
          openMax,
        );
    },

    /** Puts another link in the place of the current one, sent by somebody who answers for it; committing meets `invitation_limit`. */
    renew(invitation: StoredInvitation, openMax: number, nowMs: number): Write {
      return db
        .prepare(
          `UPDATE invitations SET hash = CASE WHEN ${othersOpen("invitations.organization_id", "?1", "?5")} < ?6 THEN ?2 END,
             invited_by = ?3, expires_at_ms = ?4 WHERE id = ?1`,
        )
        .bind(invitation.id, invitation.hash, invitation.invitedBy, invitation.expiresAtMs, nowMs, openMax);
    },

    /** Ends the commit with `organization_changed` where the invitation was accepted, revoked or sent anew since it was found. */
    mustBeThere({ id, organizationId, hash }: Pick<StoredInvitation, "id" | "organizationId" | "hash">): Write {
      return db
        .prepare(
          `UPDATE organizations SET version = CASE WHEN EXISTS (SELECT 1 FROM invitations WHERE id = ?2 AND hash = ?3)
             THEN version END WHERE id = ?1`,
        )
        .bind(organizationId, id, hash);
    },

    remove(id: Id<"invitation">): Write {
      return db.prepare("DELETE FROM invitations WHERE id = ?1").bind(id);
    },

    removeAll(organizationId: OrganizationId): Write {
      return db.prepare("DELETE FROM invitations WHERE organization_id = ?1").bind(organizationId);
    },

    /** Takes back all invitations of an address. */
    removeTo(email: string): Write {
      return db.prepare("DELETE FROM invitations WHERE email = ?1").bind(email);
    },
  };
}
