import type { Role } from "@foyer/contracts/shared/permissions";
import type { OrganizationId, UserId } from "@foyer/kernel/ids";
import type { Invitation } from "../domain/invitation.ts";
import type { Write } from "./database.ts";

const columns = `i.id, i.organization_id AS organizationId, i.email, i.role, i.invited_by AS invitedBy,
  i.created_at_ms AS createdAtMs, i.expires_at_ms AS expiresAtMs`;

export type InvitationRepository = ReturnType<typeof createInvitationRepository>;

/** Invitations to join an organization. An accepted or revoked one is gone. */
export function createInvitationRepository(db: D1Database) {
  return {
    async list(organizationId: OrganizationId, after: string, limit: number): Promise<Invitation[]> {
      const { results } = await db
        .prepare(
          `SELECT ${columns} FROM invitations i WHERE i.organization_id = ?1 AND i.id > ?2 ORDER BY i.id LIMIT ?3`,
        )
        .bind(organizationId, after, limit)
        .all<Invitation>();
      return results;
    },

    async find(organizationId: OrganizationId, id: string): Promise<Invitation | null> {
      return db
        .prepare(`SELECT ${columns} FROM invitations i WHERE i.organization_id = ?1 AND i.id = ?2`)
        .bind(organizationId, id)
        .first<Invitation>();
    },

    /** An invitation that can still be accepted, by its id. */
    async findOpen(id: string, nowMs: number): Promise<Invitation | null> {
      return db
        .prepare(`SELECT ${columns} FROM invitations i WHERE i.id = ?1 AND i.expires_at_ms > ?2`)
        .bind(id, nowMs)
        .first<Invitation>();
    },

    /** An invitation that can still be accepted, by the hash of its link's secret, with what its holder is told of the organization. */
    async findByHash(
      hash: string,
      nowMs: number,
    ): Promise<(Invitation & { readonly organizationName: string; readonly organizationSlug: string }) | null> {
      return db
        .prepare(
          `SELECT ${columns}, o.name AS organizationName, o.slug AS organizationSlug FROM invitations i
           JOIN organizations o ON o.id = i.organization_id WHERE i.hash = ?1 AND i.expires_at_ms > ?2 AND o.closing_at_ms IS NULL`,
        )
        .bind(hash, nowMs)
        .first();
    },

    async count(organizationId: OrganizationId): Promise<number> {
      const row = await db
        .prepare("SELECT count(*) AS open FROM invitations WHERE organization_id = ?1")
        .bind(organizationId)
        .first<{ open: number }>();
      return row?.open ?? 0;
    },

    /** A new invitation, in the place of an earlier one to the same address. */
    put(invitation: Invitation, hash: string): Write[] {
      return [
        db
          .prepare("DELETE FROM invitations WHERE organization_id = ?1 AND email = ?2")
          .bind(invitation.organizationId, invitation.email),
        db
          .prepare(
            `INSERT INTO invitations (id, organization_id, email, role, hash, invited_by, created_at_ms, expires_at_ms)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
          )
          .bind(
            invitation.id,
            invitation.organizationId,
            invitation.email,
            invitation.role satisfies Role,
            hash,
            invitation.invitedBy satisfies UserId | null,
            invitation.createdAtMs,
            invitation.expiresAtMs,
          ),
      ];
    },

    /** Ends the commit with `organization_changed` where the invitation was accepted or revoked since it was found. */
    mustBeThere(invitation: Pick<Invitation, "id" | "organizationId">): Write {
      return db
        .prepare(
          `UPDATE organizations SET version = CASE WHEN EXISTS (SELECT 1 FROM invitations WHERE id = ?2) THEN version END
           WHERE id = ?1`,
        )
        .bind(invitation.organizationId, invitation.id);
    },

    remove(id: string): Write {
      return db.prepare("DELETE FROM invitations WHERE id = ?1").bind(id);
    },

    /** Takes back all invitations of an address. */
    removeTo(email: string): Write {
      return db.prepare("DELETE FROM invitations WHERE email = ?1").bind(email);
    },
  };
}
