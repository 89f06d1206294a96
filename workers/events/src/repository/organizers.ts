import type { EventStatus } from "@foyer/contracts/events/api";
import type { OrganizationId, UserId } from "@foyer/kernel/ids";

/** One organizer whom a user follows. */
export interface Followed {
  readonly organizationId: OrganizationId;
  readonly followedAtMs: number;
}

/** Who follows whom, and how many events an organizer has, in the worker's own database. */
export function createOrganizerRepository(db: D1Database) {
  return {
    /** Followers of an organizer, and whether this user is one. One round trip. */
    async following(
      organizationId: OrganizationId,
      userId: UserId | null,
    ): Promise<{ followers: number; following: boolean }> {
      const row = await db
        .prepare(
          `SELECT coalesce((SELECT followers FROM follower_counts WHERE organization_id = ?1), 0) AS followers,
             EXISTS (SELECT 1 FROM follows WHERE organization_id = ?1 AND user_id = ?2) AS following`,
        )
        .bind(organizationId, userId)
        .first<{ followers: number; following: number }>();
      return { followers: row?.followers ?? 0, following: row?.following === 1 };
    },

    /** Makes a user a follower, unless they follow as many as they may; following twice changes nothing. */
    async follow(
      organizationId: OrganizationId,
      userId: UserId,
      nowMs: number,
      followsMax: number,
    ): Promise<"stored" | "full"> {
      const { meta } = await db
        .prepare(
          `INSERT INTO follows (organization_id, user_id, followed_at_ms)
           SELECT ?1, ?2, ?3 WHERE (SELECT count(*) FROM follows WHERE user_id = ?2) < ?4
             OR EXISTS (SELECT 1 FROM follows WHERE organization_id = ?1 AND user_id = ?2)
           ON CONFLICT DO UPDATE SET followed_at_ms = followed_at_ms`,
        )
        .bind(organizationId, userId, nowMs, followsMax)
        .run();
      return meta.changes === 0 ? "full" : "stored";
    },

    async unfollow(organizationId: OrganizationId, userId: UserId): Promise<void> {
      await db
        .prepare("DELETE FROM follows WHERE organization_id = ?1 AND user_id = ?2")
        .bind(organizationId, userId)
        .run();
    },

    /** Whom a user follows, those followed last first. */
    async listFollowed(
      userId: UserId,
      page: { readonly limit: number; readonly before: readonly [number, string] | null },
    ): Promise<Followed[]> {
      const [beforeMs, beforeId] = page.before ?? [Number.MAX_SAFE_INTEGER, ""];
      const { results } = await db
        .prepare(
          `SELECT organization_id AS organizationId, followed_at_ms AS followedAtMs FROM follows
           WHERE user_id = ?1 AND (followed_at_ms, organization_id) < (?2, ?3)
           ORDER BY followed_at_ms DESC, organization_id DESC LIMIT ?4`,
        )
        .bind(userId, beforeMs, beforeId, page.limit)
        .all<Followed>();
      return results;
    },

    /** Forgets whom a user follows. */
    forgetFollower(userId: UserId): D1PreparedStatement {
      return db.prepare("DELETE FROM follows WHERE user_id = ?1").bind(userId);
    },

    /** How many events an organizer has, by status, and how many of the published ones are not over. One round trip. */
    async countEvents(
      organizationId: OrganizationId,
      nowMs: number,
    ): Promise<{ readonly byStatus: Readonly<Partial<Record<EventStatus, number>>>; readonly onSale: number }> {
      const [byStatus, onSale] = await db.batch<{ status: EventStatus; events: number }>([
        db
          .prepare("SELECT status, count(*) AS events FROM events WHERE organization_id = ?1 GROUP BY status")
          .bind(organizationId),
        db
          .prepare(
            `SELECT status, count(*) AS events FROM events
             WHERE organization_id = ?1 AND status = 'published' AND ends_at_ms > ?2 GROUP BY status`,
          )
          .bind(organizationId, nowMs),
      ]);
      return {
        byStatus: Object.fromEntries((byStatus?.results ?? []).map(({ status, events }) => [status, events])),
        onSale: onSale?.results[0]?.events ?? 0,
      };
    },
  };
}

export type OrganizerRepository = ReturnType<typeof createOrganizerRepository>;
